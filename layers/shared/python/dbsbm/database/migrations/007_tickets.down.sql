ALTER TABLE cappers DROP COLUMN instant_post;
ALTER TABLE guilds DROP COLUMN max_open_bets;
DROP TABLE bet_leg_results;
ALTER TABLE bet_legs
    DROP COLUMN period, DROP COLUMN player, DROP COLUMN stat, DROP COLUMN score_home, DROP COLUMN score_away;
DELETE FROM bet_revisions WHERE odds_num IS NULL;
ALTER TABLE bet_revisions
    MODIFY odds_num BIGINT UNSIGNED NOT NULL,
    MODIFY odds_den BIGINT UNSIGNED NOT NULL,
    DROP COLUMN terms, DROP COLUMN book, DROP COLUMN link, DROP COLUMN write_up;

-- A ticket's price: NULL where it is the exact product of its legs' prices. terms: what the kind of ticket needs more.
ALTER TABLE bet_revisions
    MODIFY odds_num BIGINT UNSIGNED NULL,
    MODIFY odds_den BIGINT UNSIGNED NULL,
    ADD COLUMN terms LONGTEXT NULL,
    ADD COLUMN book VARCHAR(60) NOT NULL DEFAULT '',
    ADD COLUMN link VARCHAR(400) NOT NULL DEFAULT '',
    ADD COLUMN write_up VARCHAR(1000) NOT NULL DEFAULT '';

-- player: whose statistic, or what a manual pick is on. A leg of a priced ticket may have no price of its own: odds 1/1.
-- score_home, score_away: how a live bet's game stood.
ALTER TABLE bet_legs
    ADD COLUMN period VARCHAR(8) NOT NULL DEFAULT 'game',
    ADD COLUMN player VARCHAR(100) NOT NULL DEFAULT '',
    ADD COLUMN stat VARCHAR(48) NOT NULL DEFAULT '',
    ADD COLUMN score_home INT NULL,
    ADD COLUMN score_away INT NULL;

-- What a person decided about one leg: its grade, or the statistic that decides it. Appended; the last one counts.
CREATE TABLE bet_leg_results (
    guild_id BIGINT UNSIGNED NOT NULL,
    bet_id BIGINT UNSIGNED NOT NULL,
    decision INT UNSIGNED NOT NULL,
    leg INT UNSIGNED NOT NULL,
    grade VARCHAR(12) NULL,
    value_q INT NULL,
    participated TINYINT(1) NOT NULL DEFAULT 1,
    decided_by BIGINT UNSIGNED NOT NULL,
    decided_at DATETIME(3) NOT NULL,
    PRIMARY KEY (guild_id, bet_id, decision)
);

-- How many bets a capper may have open at a time; 0: as many as wanted.
ALTER TABLE guilds ADD COLUMN max_open_bets INT UNSIGNED NOT NULL DEFAULT 0;

-- Whether a bet that leaves nothing open is posted without a preview.
ALTER TABLE cappers ADD COLUMN instant_post TINYINT(1) NOT NULL DEFAULT 0;

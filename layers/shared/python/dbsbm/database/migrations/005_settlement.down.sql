DROP TABLE bet_proposals;
DROP TABLE game_settlements;
DROP TABLE clv_bets;
DROP TABLE clv_legs;
DROP TABLE closing_lines;
DROP TABLE game_closings;
ALTER TABLE guilds DROP COLUMN auto_grade;
ALTER TABLE odds_snapshots DROP COLUMN previous_seen_at;

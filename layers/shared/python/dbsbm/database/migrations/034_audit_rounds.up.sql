-- The check goes through the log in rounds, of one run or of several: where the round that is under way goes on, and when
-- it began. checked_size was how far anybody had ever come, which let what lay behind it be changed unseen; from here on
-- it is the size of the last whole round, and checked_since when that one began. No round is known to have been whole.
ALTER TABLE audit_log
    ADD COLUMN round_next BIGINT UNSIGNED NOT NULL DEFAULT 0,
    ADD COLUMN round_began_at DATETIME(3) NULL,
    ADD COLUMN checked_since DATETIME(3) NULL;
UPDATE audit_log SET checked_size = 0;

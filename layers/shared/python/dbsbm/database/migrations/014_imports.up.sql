-- A file of bets that were made elsewhere. content stays until the import is done, cancelled or over. total, known and
-- next_row count the bets read from it, those that were here already, and how far they have been taken in.
CREATE TABLE imports (
    guild_id BIGINT UNSIGNED NOT NULL,
    import_id BIGINT UNSIGNED NOT NULL,
    capper_id BIGINT UNSIGNED NOT NULL,
    requested_by BIGINT UNSIGNED NOT NULL,
    state VARCHAR(12) NOT NULL DEFAULT 'fetching',
    filename VARCHAR(190) NOT NULL,
    zone VARCHAR(64) NOT NULL,
    unit_cents BIGINT UNSIGNED NOT NULL,
    file_hash VARCHAR(64) NOT NULL DEFAULT '',
    content MEDIUMBLOB NULL,
    next_row INT UNSIGNED NOT NULL DEFAULT 0,
    imported INT UNSIGNED NOT NULL DEFAULT 0,
    created_at DATETIME(3) NOT NULL,
    done_at DATETIME(3) NULL,
    PRIMARY KEY (guild_id, import_id),
    KEY imports_by_capper (guild_id, capper_id, state, done_at),
    KEY imports_by_age (state, created_at)
);

-- Which rows of files stand as bets: the same row of the same capper is taken in once.
CREATE TABLE imported_rows (
    guild_id BIGINT UNSIGNED NOT NULL,
    capper_id BIGINT UNSIGNED NOT NULL,
    row_hash VARCHAR(40) NOT NULL,
    import_id BIGINT UNSIGNED NOT NULL,
    bet_id BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (guild_id, capper_id, row_hash),
    KEY imported_rows_by_import (guild_id, import_id, bet_id)
);

-- Which import a bet came by, NULL for one that was posted here; and the same of the ledger, whose sums keep them apart.
ALTER TABLE bets ADD COLUMN import_id BIGINT UNSIGNED NULL;
ALTER TABLE ledger_entries ADD COLUMN imported TINYINT(1) NOT NULL DEFAULT 0;

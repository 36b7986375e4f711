-- When the state before this one was last seen: with it the history says what stood at any minute. NULL: not known.
ALTER TABLE odds_snapshots ADD COLUMN previous_seen_at DATETIME(3) NULL;

-- Whether two agreeing sources may grade without a person.
ALTER TABLE guilds ADD COLUMN auto_grade TINYINT(1) NOT NULL DEFAULT 0;

-- The freezing of a game's closing lines, appended: a game that is moved before play is closed again at its new start.
-- closed_at is the real start; clv_done says that every bet on the game has its closing line value from this closing.
CREATE TABLE game_closings (
    game_id BIGINT UNSIGNED NOT NULL,
    closing INT UNSIGNED NOT NULL,
    starts_at DATETIME(3) NOT NULL,
    closed_at DATETIME(3) NOT NULL,
    in_play TINYINT(1) NOT NULL,
    frozen_at DATETIME(3) NOT NULL,
    clv_done TINYINT(1) NOT NULL DEFAULT 0,
    PRIMARY KEY (game_id, closing),
    KEY game_closings_by_work (clv_done, game_id)
);

-- What each book offered last before play. seen_at is the last moment it was known to stand.
CREATE TABLE closing_lines (
    game_id BIGINT UNSIGNED NOT NULL,
    closing INT UNSIGNED NOT NULL,
    book VARCHAR(32) NOT NULL,
    market VARCHAR(24) NOT NULL,
    side VARCHAR(12) NOT NULL,
    line_q INT NOT NULL,
    price_num INT UNSIGNED NOT NULL,
    price_den INT UNSIGNED NOT NULL,
    seen_at DATETIME(3) NOT NULL,
    stale TINYINT(1) NOT NULL,
    PRIMARY KEY (game_id, closing, book, market, side)
);

-- Closing line value of one leg, rebuildable. value_ppm is in millionths, NULL where there is none, and then reason says
-- why. fair is the no-vig probability of the leg at its own line, method how the margin was taken out.
CREATE TABLE clv_legs (
    guild_id BIGINT UNSIGNED NOT NULL,
    bet_id BIGINT UNSIGNED NOT NULL,
    revision INT UNSIGNED NOT NULL,
    leg INT UNSIGNED NOT NULL,
    game_id BIGINT UNSIGNED NOT NULL,
    closing INT UNSIGNED NOT NULL,
    value_ppm BIGINT NULL,
    reason VARCHAR(24) NOT NULL DEFAULT '',
    book VARCHAR(32) NULL,
    method VARCHAR(24) NULL,
    close_line_q INT NULL,
    close_num INT UNSIGNED NULL,
    close_den INT UNSIGNED NULL,
    fair DECIMAL(13, 12) NULL,
    computed_at DATETIME(3) NOT NULL,
    PRIMARY KEY (guild_id, bet_id, revision, leg)
);

-- The same of a whole bet: one leg's own, or the product of all of them.
CREATE TABLE clv_bets (
    guild_id BIGINT UNSIGNED NOT NULL,
    bet_id BIGINT UNSIGNED NOT NULL,
    revision INT UNSIGNED NOT NULL,
    value_ppm BIGINT NULL,
    reason VARCHAR(24) NOT NULL DEFAULT '',
    computed_at DATETIME(3) NOT NULL,
    PRIMARY KEY (guild_id, bet_id, revision)
);

-- How far a game's result has been taken to the bets on it. standing is what the sources say of it; the cursor is the
-- last bet done for this standing, looks how many of the looks after the first final are over.
CREATE TABLE game_settlements (
    game_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    standing VARCHAR(190) NOT NULL,
    state VARCHAR(12) NOT NULL,
    cursor_guild BIGINT UNSIGNED NOT NULL DEFAULT 0,
    cursor_bet BIGINT UNSIGNED NOT NULL DEFAULT 0,
    first_final_at DATETIME(3) NOT NULL,
    looks INT UNSIGNED NOT NULL DEFAULT 0,
    updated_at DATETIME(3) NOT NULL,
    KEY game_settlements_by_work (state, game_id),
    KEY game_settlements_by_age (first_final_at)
);

-- What the results say of a bet, newest only. status: 'held' (reason says why), 'proposed', 'applied'. result is the
-- score that was taken, so that one score takes effect once, whatever a person decides afterwards. Amounts in micro-units.
CREATE TABLE bet_proposals (
    guild_id BIGINT UNSIGNED NOT NULL,
    bet_id BIGINT UNSIGNED NOT NULL,
    batch BIGINT UNSIGNED NOT NULL,
    status VARCHAR(12) NOT NULL,
    result VARCHAR(190) NOT NULL,
    sources INT UNSIGNED NOT NULL,
    reason VARCHAR(190) NOT NULL DEFAULT '',
    grade VARCHAR(12) NULL,
    rule VARCHAR(64) NULL,
    return_micro BIGINT NULL,
    profit_micro BIGINT NULL,
    grade_seq INT UNSIGNED NOT NULL DEFAULT 0,
    stamp_due TINYINT(1) NOT NULL DEFAULT 0,
    updated_at DATETIME(3) NOT NULL,
    PRIMARY KEY (guild_id, bet_id),
    KEY bet_proposals_by_batch (batch),
    KEY bet_proposals_unstamped (stamp_due, updated_at)
);

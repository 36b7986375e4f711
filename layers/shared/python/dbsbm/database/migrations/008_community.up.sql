-- Sums of the ledger for boards and recaps, added to in the transaction of each entry and rebuildable from the ledger.
-- span 'day', 'month' or 'all' from the sports day since (1970-01-01 for 'all'); league and market '' for all of them.
-- category: 'priced' (before the start, at a price that was or could not be compared), 'unseen', 'live', 'manual' or
-- 'imported'. bets counts what is graded without the void; flat_micro is the profit had every bet risked one unit.
CREATE TABLE capper_totals (
    guild_id BIGINT UNSIGNED NOT NULL,
    category VARCHAR(12) NOT NULL,
    span VARCHAR(6) NOT NULL,
    league VARCHAR(32) NOT NULL,
    market VARCHAR(24) NOT NULL,
    since DATE NOT NULL,
    capper_id BIGINT UNSIGNED NOT NULL,
    bets INT NOT NULL,
    won INT NOT NULL,
    half_won INT NOT NULL,
    lost INT NOT NULL,
    half_lost INT NOT NULL,
    pushed INT NOT NULL,
    voided INT NOT NULL,
    risk_micro BIGINT NOT NULL,
    profit_micro BIGINT NOT NULL,
    flat_micro BIGINT NOT NULL,
    PRIMARY KEY (guild_id, category, span, league, market, since, capper_id),
    KEY capper_totals_by_capper (guild_id, capper_id)
);

-- Many grades decided by one press, so that one press takes them back.
CREATE TABLE grade_batches (
    guild_id BIGINT UNSIGNED NOT NULL,
    batch_id BIGINT UNSIGNED NOT NULL,
    decided_by BIGINT UNSIGNED NOT NULL,
    decided_at DATETIME(3) NOT NULL,
    state VARCHAR(12) NOT NULL DEFAULT 'standing',
    PRIMARY KEY (guild_id, batch_id)
);

CREATE TABLE grade_batch_bets (
    guild_id BIGINT UNSIGNED NOT NULL,
    batch_id BIGINT UNSIGNED NOT NULL,
    bet_id BIGINT UNSIGNED NOT NULL,
    grade_seq INT UNSIGNED NOT NULL,
    PRIMARY KEY (guild_id, batch_id, bet_id)
);

-- The bets graded in a channel within ten minutes; one message shows them once there are more than three.
CREATE TABLE result_cards (
    guild_id BIGINT UNSIGNED NOT NULL,
    channel_id BIGINT UNSIGNED NOT NULL,
    opened_at DATETIME(3) NOT NULL,
    card_id BIGINT UNSIGNED NOT NULL,
    posted TINYINT(1) NOT NULL DEFAULT 0,
    PRIMARY KEY (guild_id, channel_id, opened_at, card_id)
);

CREATE TABLE result_card_bets (
    guild_id BIGINT UNSIGNED NOT NULL,
    card_id BIGINT UNSIGNED NOT NULL,
    bet_id BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (guild_id, card_id, bet_id)
);

-- A member who goes with a bet, or against it: the terms of that minute, whatever becomes of the bet's own.
-- direction 'tail' or 'fade'; source 'book' (offered then) or 'slip' (the slip's own price, nothing was offered).
CREATE TABLE tails (
    guild_id BIGINT UNSIGNED NOT NULL,
    bet_id BIGINT UNSIGNED NOT NULL,
    user_id BIGINT UNSIGNED NOT NULL,
    version INT UNSIGNED NOT NULL,
    state VARCHAR(12) NOT NULL,
    direction VARCHAR(4) NOT NULL,
    revision INT UNSIGNED NOT NULL,
    risk_micro BIGINT NOT NULL,
    odds_num BIGINT UNSIGNED NOT NULL,
    odds_den BIGINT UNSIGNED NOT NULL,
    source VARCHAR(4) NOT NULL,
    book VARCHAR(32) NOT NULL DEFAULT '',
    taken_at DATETIME(3) NOT NULL,
    PRIMARY KEY (guild_id, bet_id, user_id),
    KEY tails_by_user (guild_id, user_id, state, bet_id)
);

-- Where result cards go (NULL: the slips' own channel) and whether there are any; whether cappers decide on their own bets.
ALTER TABLE guilds
    ADD COLUMN results_channel_id BIGINT UNSIGNED NULL,
    ADD COLUMN result_cards TINYINT(1) NOT NULL DEFAULT 1,
    ADD COLUMN self_grading TINYINT(1) NOT NULL DEFAULT 0;

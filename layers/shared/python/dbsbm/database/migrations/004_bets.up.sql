-- A draft is an ordinary row until it is posted; version rises with every change and is in every custom id.
CREATE TABLE drafts (
    guild_id BIGINT UNSIGNED NOT NULL,
    draft_id BIGINT UNSIGNED NOT NULL,
    capper_id BIGINT UNSIGNED NOT NULL,
    version INT UNSIGNED NOT NULL,
    state VARCHAR(12) NOT NULL DEFAULT 'open',
    content LONGTEXT NOT NULL,
    bet_id BIGINT UNSIGNED NULL,
    created_at DATETIME(3) NOT NULL,
    updated_at DATETIME(3) NOT NULL,
    PRIMARY KEY (guild_id, draft_id),
    KEY drafts_by_capper (guild_id, capper_id, state)
);

-- Identity and present state of a bet; what was bet stands in its revisions.
CREATE TABLE bets (
    guild_id BIGINT UNSIGNED NOT NULL,
    bet_id BIGINT UNSIGNED NOT NULL,
    capper_id BIGINT UNSIGNED NOT NULL,
    state VARCHAR(12) NOT NULL DEFAULT 'open',
    revision INT UNSIGNED NOT NULL DEFAULT 1,
    grade_seq INT UNSIGNED NOT NULL DEFAULT 0,
    grade VARCHAR(12) NULL,
    starts_at DATETIME(3) NOT NULL,
    sports_day DATE NOT NULL,
    posted_at DATETIME(3) NOT NULL,
    channel_id BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (guild_id, bet_id),
    KEY bets_by_capper (guild_id, capper_id, state, starts_at),
    KEY bets_ungraded (guild_id, state, starts_at)
);

-- Appended, never changed. The rule profile is stored with the bet. kind: 'posted', 'correction' (free, within two
-- minutes: keeps the time and price check of what it corrects) or 'version' (timed and price-checked anew).
CREATE TABLE bet_revisions (
    guild_id BIGINT UNSIGNED NOT NULL,
    bet_id BIGINT UNSIGNED NOT NULL,
    revision INT UNSIGNED NOT NULL,
    kind VARCHAR(12) NOT NULL DEFAULT 'posted',
    ticket VARCHAR(12) NOT NULL DEFAULT 'straight',
    stake_mode VARCHAR(12) NOT NULL,
    risk_micro BIGINT NOT NULL,
    to_win_micro BIGINT NOT NULL,
    odds_num BIGINT UNSIGNED NOT NULL,
    odds_den BIGINT UNSIGNED NOT NULL,
    odds_typed VARCHAR(24) NOT NULL,
    odds_format VARCHAR(12) NOT NULL,
    rule_profile_version INT UNSIGNED NOT NULL,
    rule_profile LONGTEXT NOT NULL,
    price_check VARCHAR(12) NOT NULL DEFAULT 'unchecked',
    priced_at DATETIME(3) NOT NULL,
    written_at DATETIME(3) NOT NULL,
    written_by BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (guild_id, bet_id, revision)
);

CREATE TABLE bet_legs (
    guild_id BIGINT UNSIGNED NOT NULL,
    bet_id BIGINT UNSIGNED NOT NULL,
    revision INT UNSIGNED NOT NULL,
    leg INT UNSIGNED NOT NULL,
    game_id BIGINT UNSIGNED NULL,
    league VARCHAR(32) NOT NULL,
    home VARCHAR(100) NOT NULL,
    away VARCHAR(100) NOT NULL,
    market VARCHAR(24) NOT NULL,
    side VARCHAR(12) NOT NULL,
    line_q INT NOT NULL DEFAULT 0,
    odds_num BIGINT UNSIGNED NOT NULL,
    odds_den BIGINT UNSIGNED NOT NULL,
    odds_typed VARCHAR(24) NOT NULL,
    odds_format VARCHAR(12) NOT NULL,
    starts_at DATETIME(3) NOT NULL,
    PRIMARY KEY (guild_id, bet_id, revision, leg),
    KEY bet_legs_by_game (game_id, guild_id)
);

-- Every decision about a bet, with who, when and why. An undo is a row of its own.
CREATE TABLE bet_grades (
    guild_id BIGINT UNSIGNED NOT NULL,
    bet_id BIGINT UNSIGNED NOT NULL,
    grade_seq INT UNSIGNED NOT NULL,
    action VARCHAR(12) NOT NULL,
    grade VARCHAR(12) NULL,
    rule VARCHAR(64) NOT NULL,
    source VARCHAR(24) NOT NULL,
    decided_by BIGINT UNSIGNED NOT NULL,
    decided_at DATETIME(3) NOT NULL,
    reason VARCHAR(500) NOT NULL DEFAULT '',
    interaction_id BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (guild_id, bet_id, grade_seq)
);

-- Only grows: a correction reverses and adds. Amounts in micro-units.
CREATE TABLE ledger_entries (
    guild_id BIGINT UNSIGNED NOT NULL,
    bet_id BIGINT UNSIGNED NOT NULL,
    grade_seq INT UNSIGNED NOT NULL,
    kind VARCHAR(12) NOT NULL,
    capper_id BIGINT UNSIGNED NOT NULL,
    sports_day DATE NOT NULL,
    grade VARCHAR(12) NOT NULL,
    bets INT NOT NULL,
    risk_micro BIGINT NOT NULL,
    return_micro BIGINT NOT NULL,
    profit_micro BIGINT NOT NULL,
    entered_at DATETIME(3) NOT NULL,
    PRIMARY KEY (guild_id, bet_id, grade_seq, kind),
    KEY ledger_by_capper (guild_id, capper_id, sports_day)
);

-- Where cases and reminders for those who grade go (NULL: nowhere, they look with their commands).
ALTER TABLE guilds ADD COLUMN admin_channel_id BIGINT UNSIGNED NULL;

-- Whether somebody disputes the grade that stands: the slip says so until the case is decided.
ALTER TABLE bets ADD COLUMN under_review TINYINT(1) NOT NULL DEFAULT 0;

-- A case about a bet's grade. open_bet is the bet while the case is open, so that a bet has one open case at most.
-- state 'open', 'asked' (its opener is asked for more), 'upheld', 'regraded' or 'taken_back'. grade_seq is the decision
-- that is disputed; version rises with every step and is in every custom id.
CREATE TABLE disputes (
    guild_id BIGINT UNSIGNED NOT NULL,
    dispute_id BIGINT UNSIGNED NOT NULL,
    bet_id BIGINT UNSIGNED NOT NULL,
    open_bet BIGINT UNSIGNED NULL,
    opened_by BIGINT UNSIGNED NOT NULL,
    grade_seq INT UNSIGNED NOT NULL,
    version INT UNSIGNED NOT NULL,
    state VARCHAR(12) NOT NULL,
    opened_at DATETIME(3) NOT NULL,
    PRIMARY KEY (guild_id, dispute_id),
    UNIQUE KEY disputes_one_open (guild_id, open_bet),
    KEY disputes_by_bet (guild_id, bet_id, dispute_id),
    KEY disputes_by_opener (guild_id, opened_by, dispute_id)
);

-- What happened to a case, appended. kind 'opened', 'asked', 'answered', 'upheld', 'regraded' or 'taken_back'.
CREATE TABLE dispute_events (
    guild_id BIGINT UNSIGNED NOT NULL,
    dispute_id BIGINT UNSIGNED NOT NULL,
    number INT UNSIGNED NOT NULL,
    kind VARCHAR(12) NOT NULL,
    user_id BIGINT UNSIGNED NOT NULL,
    at DATETIME(3) NOT NULL,
    said VARCHAR(1000) NOT NULL DEFAULT '',
    proof VARCHAR(1000) NOT NULL DEFAULT '',
    grade VARCHAR(12) NULL,
    PRIMARY KEY (guild_id, dispute_id, number)
);

-- What a capper who may not decide says the own bet came to, for those who do. It counts while grade_seq is the bet's.
CREATE TABLE capper_proposals (
    guild_id BIGINT UNSIGNED NOT NULL,
    bet_id BIGINT UNSIGNED NOT NULL,
    grade_seq INT UNSIGNED NOT NULL,
    grade VARCHAR(12) NOT NULL,
    proposed_by BIGINT UNSIGNED NOT NULL,
    proposed_at DATETIME(3) NOT NULL,
    PRIMARY KEY (guild_id, bet_id)
);

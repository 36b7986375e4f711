-- One row per interaction that was taken on: claimed first, answered in the same transaction.
CREATE TABLE interactions (
    interaction_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    guild_id BIGINT UNSIGNED NOT NULL DEFAULT 0,
    user_id BIGINT UNSIGNED NOT NULL,
    route VARCHAR(64) NOT NULL,
    claimed_at DATETIME(3) NOT NULL,
    attempts INT UNSIGNED NOT NULL DEFAULT 1,
    reply LONGTEXT NULL,
    KEY interactions_by_age (claimed_at)
);

-- One row per thing Discord shows: the counter of its desired states and where it stands now.
CREATE TABLE outbox_targets (
    target_key VARCHAR(64) NOT NULL PRIMARY KEY,
    guild_id BIGINT UNSIGNED NOT NULL DEFAULT 0,
    last_seq BIGINT UNSIGNED NOT NULL DEFAULT 0,
    channel_id BIGINT UNSIGNED NULL,
    message_id BIGINT UNSIGNED NULL,
    webhook_id BIGINT UNSIGNED NULL,
    locked_until DATETIME(3) NULL,
    locked_by VARCHAR(64) NULL
);

-- Desired states: (target_key, seq, content).
CREATE TABLE outbox (
    id VARCHAR(64) NOT NULL PRIMARY KEY,
    guild_id BIGINT UNSIGNED NOT NULL DEFAULT 0,
    kind VARCHAR(24) NOT NULL,
    target_key VARCHAR(64) NOT NULL,
    seq BIGINT UNSIGNED NOT NULL,
    target LONGTEXT NOT NULL,
    content LONGTEXT NOT NULL,
    images LONGTEXT NOT NULL,
    state VARCHAR(12) NOT NULL DEFAULT 'pending',
    attempts INT UNSIGNED NOT NULL DEFAULT 0,
    next_attempt_at DATETIME(3) NOT NULL,
    expires_at DATETIME(3) NULL,
    created_at DATETIME(3) NOT NULL,
    sending_at DATETIME(3) NULL,
    sent_at DATETIME(3) NULL,
    message_id BIGINT UNSIGNED NULL,
    last_error VARCHAR(500) NULL,
    UNIQUE KEY outbox_by_target (target_key, seq),
    KEY outbox_due (state, next_attempt_at),
    KEY outbox_by_message (message_id)
);

-- The bot's own webhook in a channel; the token is encrypted (AAD: the webhook id).
CREATE TABLE channel_webhooks (
    guild_id BIGINT UNSIGNED NOT NULL,
    channel_id BIGINT UNSIGNED NOT NULL,
    webhook_id BIGINT UNSIGNED NOT NULL,
    token_cipher VARBINARY(512) NOT NULL,
    state VARCHAR(12) NOT NULL DEFAULT 'live',
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (guild_id, channel_id, webhook_id),
    UNIQUE KEY channel_webhooks_by_webhook (webhook_id)
);

-- Channels that Discord refused for good; a message that arrives there ends the entry.
CREATE TABLE unreachable_channels (
    guild_id BIGINT UNSIGNED NOT NULL,
    channel_id BIGINT UNSIGNED NOT NULL,
    discord_code INT UNSIGNED NOT NULL,
    since DATETIME(3) NOT NULL,
    PRIMARY KEY (guild_id, channel_id)
);

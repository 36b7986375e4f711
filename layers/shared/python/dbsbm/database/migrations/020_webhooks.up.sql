-- Where a community's own systems are told what happens. secret_cipher signs (AAD: the endpoint's id), gone with the
-- endpoint. events: names with commas. state 'live', 'parked' (nothing got through for a day) or 'removed'. failures
-- counts attempts since the last success, waits_until is when the next one may be made.
CREATE TABLE webhook_endpoints (
    guild_id BIGINT UNSIGNED NOT NULL,
    endpoint_id BIGINT UNSIGNED NOT NULL,
    url VARCHAR(400) NOT NULL,
    secret_cipher VARBINARY(512) NOT NULL,
    events VARCHAR(100) NOT NULL,
    state VARCHAR(12) NOT NULL DEFAULT 'live',
    created_by BIGINT UNSIGNED NOT NULL,
    created_at DATETIME(3) NOT NULL,
    failures INT UNSIGNED NOT NULL DEFAULT 0,
    failing_since DATETIME(3) NULL,
    waits_until DATETIME(3) NULL,
    locked_until DATETIME(3) NULL,
    locked_by VARCHAR(64) NULL,
    PRIMARY KEY (guild_id, endpoint_id)
);

-- What an endpoint is to be told, written in the transaction of the change itself: an outbox of its own. event_id is the
-- same in every attempt. subject_id is a bet's or a capper's, seq the number of the decision; body is written with the
-- first attempt. state 'pending', 'sent', 'parked', or 'dropped' when the endpoint was removed.
CREATE TABLE webhook_events (
    guild_id BIGINT UNSIGNED NOT NULL,
    endpoint_id BIGINT UNSIGNED NOT NULL,
    event_id VARCHAR(64) NOT NULL,
    event VARCHAR(24) NOT NULL,
    subject_id BIGINT UNSIGNED NOT NULL,
    seq INT UNSIGNED NOT NULL,
    occurred_at DATETIME(3) NOT NULL,
    body LONGTEXT NULL,
    state VARCHAR(12) NOT NULL,
    attempts INT UNSIGNED NOT NULL DEFAULT 0,
    attempted_at DATETIME(3) NULL,
    status INT UNSIGNED NULL,
    error VARCHAR(190) NOT NULL DEFAULT '',
    PRIMARY KEY (guild_id, endpoint_id, event_id),
    KEY webhook_events_in_order (guild_id, endpoint_id, state, occurred_at, subject_id, seq),
    KEY webhook_events_latest (guild_id, endpoint_id, occurred_at),
    KEY webhook_events_due (state, occurred_at)
);

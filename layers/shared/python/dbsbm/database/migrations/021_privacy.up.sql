-- What people asked about their data. subject: the person, keyed (HMAC), user_id and names (what they were called, JSON)
-- only until an erasure is done. state 'waiting' (it begins at begins_at and can be taken back), 'working', 'done' or
-- 'withdrawn'. cursor_guild: the last community that is done; stage and cursor_key: the rest. counts: JSON, the receipt.
CREATE TABLE privacy_requests (
    request_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    subject VARCHAR(64) NOT NULL,
    user_id BIGINT UNSIGNED NULL,
    kind VARCHAR(8) NOT NULL,
    state VARCHAR(12) NOT NULL,
    received_at DATETIME(3) NOT NULL,
    confirm_by DATETIME(3) NOT NULL,
    answer_by DATETIME(3) NOT NULL,
    begins_at DATETIME(3) NOT NULL,
    stage VARCHAR(16) NOT NULL DEFAULT '',
    cursor_guild BIGINT UNSIGNED NOT NULL DEFAULT 0,
    cursor_key VARCHAR(64) NOT NULL DEFAULT '',
    names LONGTEXT NOT NULL,
    counts LONGTEXT NOT NULL,
    done_at DATETIME(3) NULL,
    KEY privacy_requests_by_subject (subject, request_id),
    KEY privacy_requests_due (state, begins_at)
);

-- Who was erased, keyed, and the number that stands for them in a community since: done again after a restore.
CREATE TABLE erasures (
    guild_id BIGINT UNSIGNED NOT NULL,
    number BIGINT UNSIGNED NOT NULL,
    subject VARCHAR(64) NOT NULL,
    request_id BIGINT UNSIGNED NOT NULL,
    erased_at DATETIME(3) NOT NULL,
    PRIMARY KEY (guild_id, number),
    UNIQUE KEY erasures_by_request (request_id, guild_id),
    KEY erasures_by_subject (subject, guild_id)
);

-- What people wrote, sealed under a key of their own that is not in the database. place 'case', 'decision' or 'import';
-- object_id and number name the step, decision or file; sealed is a ciphertext of keys/envelope.py, kid its key.
CREATE TABLE sealed_words (
    guild_id BIGINT UNSIGNED NOT NULL,
    place VARCHAR(12) NOT NULL,
    object_id BIGINT UNSIGNED NOT NULL,
    number INT UNSIGNED NOT NULL,
    owner_id BIGINT UNSIGNED NOT NULL,
    kid BINARY(8) NOT NULL,
    sealed MEDIUMBLOB NOT NULL,
    sealed_at DATETIME(3) NOT NULL,
    PRIMARY KEY (guild_id, place, object_id, number),
    KEY sealed_words_by_owner (guild_id, owner_id),
    KEY sealed_words_by_key (kid),
    KEY sealed_words_by_age (place, sealed_at)
);

-- Which data keys a person has, by name alone: the highest version seals, all open. Older ones go once nothing is under
-- them any more.
CREATE TABLE data_keys (
    user_id BIGINT UNSIGNED NOT NULL,
    version INT UNSIGNED NOT NULL,
    kid BINARY(8) NOT NULL,
    made_at DATETIME(3) NOT NULL,
    replaced_at DATETIME(3) NULL,
    PRIMARY KEY (user_id, version),
    UNIQUE KEY data_keys_by_kid (kid),
    KEY data_keys_by_age (replaced_at, made_at)
);

-- Data keys that are to be destroyed, and when it was read back that they are. Nothing here says whose they were.
CREATE TABLE shredded_keys (
    kid BINARY(8) NOT NULL PRIMARY KEY,
    request_id BIGINT UNSIGNED NOT NULL,
    condemned_at DATETIME(3) NOT NULL,
    versions INT UNSIGNED NOT NULL DEFAULT 0,
    gone_at DATETIME(3) NULL,
    KEY shredded_keys_by_request (request_id, kid),
    KEY shredded_keys_pending (gone_at, condemned_at)
);

-- The age of every key there is. kind 'data', 'kms', 'signer', 'secret' or 'index'; due_at is when a newer one has to be
-- there.
CREATE TABLE key_ages (
    kind VARCHAR(12) NOT NULL,
    name VARCHAR(100) NOT NULL,
    since DATETIME(3) NULL,
    due_at DATETIME(3) NULL,
    state VARCHAR(12) NOT NULL,
    evidence VARCHAR(200) NOT NULL,
    seen_at DATETIME(3) NOT NULL,
    PRIMARY KEY (kind, name)
);

-- How far texts from before this table are taken into it.
CREATE TABLE sealing_progress (
    place VARCHAR(12) NOT NULL PRIMARY KEY,
    guild_id BIGINT UNSIGNED NOT NULL,
    object_id BIGINT UNSIGNED NOT NULL,
    done_at DATETIME(3) NULL
);

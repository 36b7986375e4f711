-- What happened, appended in the transaction of each change. Nothing here names a person: actor and object are keyed
-- (audit_secrets). leaf_index is where the event stands in the log, NULL until it is taken in; nothing else changes.
CREATE TABLE audit_events (
    event_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    leaf_index BIGINT UNSIGNED NULL,
    guild_id BIGINT UNSIGNED NOT NULL,
    at DATETIME(3) NOT NULL,
    kind VARCHAR(32) NOT NULL,
    actor VARCHAR(64) NOT NULL,
    object VARCHAR(64) NOT NULL,
    cause BIGINT UNSIGNED NOT NULL,
    details VARCHAR(2000) NOT NULL,
    seal VARCHAR(64) NOT NULL DEFAULT '',
    KEY audit_events_by_leaf (leaf_index, event_id),
    KEY audit_events_by_object (guild_id, object, event_id),
    KEY audit_events_by_actor (guild_id, actor, event_id),
    KEY audit_events_by_kind (guild_id, kind, event_id)
);

-- A random secret for each person, under which the events that are theirs are keyed. Deleting it is what makes them
-- nobody's.
CREATE TABLE audit_secrets (
    user_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    secret VARBINARY(32) NOT NULL,
    made_at DATETIME(3) NOT NULL
);

-- The hashes of the tree, 256 to a tile, as c2sp.org/tlog-tiles cuts it. A copy of them is what the bucket holds.
CREATE TABLE audit_tiles (
    level TINYINT UNSIGNED NOT NULL,
    tile BIGINT UNSIGNED NOT NULL,
    hashes VARBINARY(8192) NOT NULL,
    PRIMARY KEY (level, tile)
);

-- One row: how far the log is taken in, brought to the bucket, and gone through by the check.
CREATE TABLE audit_log (
    log_id TINYINT UNSIGNED NOT NULL PRIMARY KEY,
    tree_size BIGINT UNSIGNED NOT NULL DEFAULT 0,
    published_size BIGINT UNSIGNED NOT NULL DEFAULT 0,
    checked_size BIGINT UNSIGNED NOT NULL DEFAULT 0
);

-- Signed checkpoints, as the signer gave them back. The ones that count are in a bucket that nobody can write over.
CREATE TABLE audit_checkpoints (
    tree_size BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    note VARCHAR(2000) NOT NULL,
    public_key VARBINARY(200) NOT NULL,
    kept_at DATETIME(3) NOT NULL
);

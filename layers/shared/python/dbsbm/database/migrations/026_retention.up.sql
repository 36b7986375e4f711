-- What was archived before it was deleted: digest is the SHA-256 of the archive and its name in the bucket.
CREATE TABLE archive_manifest (
    digest CHAR(64) NOT NULL PRIMARY KEY,
    table_name VARCHAR(64) NOT NULL,
    rows_kept INT UNSIGNED NOT NULL,
    archived_at DATETIME(3) NOT NULL
);

-- Communities of which nothing is removed for its age while a case needs it. placed_by: who of the operators.
CREATE TABLE legal_holds (
    guild_id BIGINT UNSIGNED NOT NULL,
    case_id VARCHAR(40) NOT NULL,
    placed_by VARCHAR(40) NOT NULL,
    placed_at DATETIME(3) NOT NULL,
    released_at DATETIME(3) NULL,
    PRIMARY KEY (guild_id, case_id)
);

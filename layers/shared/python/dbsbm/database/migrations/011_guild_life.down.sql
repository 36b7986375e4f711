ALTER TABLE disputes DROP COLUMN carded;
ALTER TABLE guilds
    DROP KEY guilds_by_look,
    DROP COLUMN look_due_at,
    DROP COLUMN removed_at;

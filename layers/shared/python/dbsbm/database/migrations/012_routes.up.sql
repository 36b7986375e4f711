-- Where slips go and whom they ping: capper_id 0 for any capper, sport '' for any sport. A column that is NULL leaves
-- its half to the next less specific row. role_name as Discord had it when it was picked, for lists that cannot mention;
-- self_assign: members may take it themselves, because it had no power over others then.
CREATE TABLE routes (
    guild_id BIGINT UNSIGNED NOT NULL,
    capper_id BIGINT UNSIGNED NOT NULL DEFAULT 0,
    sport VARCHAR(24) NOT NULL DEFAULT '',
    channel_id BIGINT UNSIGNED NULL,
    role_id BIGINT UNSIGNED NULL,
    role_name VARCHAR(100) NOT NULL DEFAULT '',
    self_assign TINYINT(1) NOT NULL DEFAULT 0,
    set_by BIGINT UNSIGNED NOT NULL,
    set_at DATETIME(3) NOT NULL,
    PRIMARY KEY (guild_id, capper_id, sport)
);

-- Whom the slip pinged when it was posted: every later drawing of it shows the same.
ALTER TABLE bets ADD COLUMN ping_role_id BIGINT UNSIGNED NULL;

CREATE TABLE guilds (
    guild_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    slip_channel_id BIGINT UNSIGNED NULL,
    capper_role_id BIGINT UNSIGNED NULL,
    admin_role_id BIGINT UNSIGNED NULL,
    timezone VARCHAR(64) NOT NULL DEFAULT 'America/New_York',
    odds_format VARCHAR(12) NOT NULL DEFAULT 'american',
    stake_mode VARCHAR(12) NOT NULL DEFAULT 'risk',
    default_units_micro BIGINT NOT NULL DEFAULT 1000000,
    max_units_micro BIGINT NOT NULL DEFAULT 100000000,
    rule_profile LONGTEXT NOT NULL,
    rule_profile_version INT UNSIGNED NOT NULL DEFAULT 1,
    state VARCHAR(12) NOT NULL DEFAULT 'active',
    created_at DATETIME(3) NOT NULL,
    updated_at DATETIME(3) NOT NULL
);

-- A capper who was removed keeps the row (state 'removed'): the record stays under the name it was made.
CREATE TABLE cappers (
    guild_id BIGINT UNSIGNED NOT NULL,
    user_id BIGINT UNSIGNED NOT NULL,
    display_name VARCHAR(80) NOT NULL,
    avatar_url VARCHAR(512) NOT NULL,
    state VARCHAR(12) NOT NULL DEFAULT 'active',
    added_by BIGINT UNSIGNED NOT NULL,
    added_at DATETIME(3) NOT NULL,
    PRIMARY KEY (guild_id, user_id)
);

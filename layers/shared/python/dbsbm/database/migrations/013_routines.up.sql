-- What a community has the bot do by itself, beside what stands in guilds. channel_id NULL: where the results go.
-- notice: what Discord refused last, as the admins were told it.
CREATE TABLE community_plans (
    guild_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    channel_id BIGINT UNSIGNED NULL,
    recap_hour TINYINT UNSIGNED NOT NULL DEFAULT 9,
    reminder_hour TINYINT UNSIGNED NOT NULL DEFAULT 23,
    top_role_id BIGINT UNSIGNED NULL,
    top_count TINYINT UNSIGNED NOT NULL DEFAULT 3,
    notice VARCHAR(500) NOT NULL DEFAULT ''
);

-- One row for each routine that is on, and when it is due next.
CREATE TABLE community_routines (
    guild_id BIGINT UNSIGNED NOT NULL,
    routine VARCHAR(16) NOT NULL,
    due_at DATETIME(3) NOT NULL,
    PRIMARY KEY (guild_id, routine),
    KEY community_routines_due (due_at, guild_id, routine)
);

-- What was posted for a day, week or month: each once. figures: as they were said; shown: the message; told: the
-- figures of its correction, NULL while there is none.
CREATE TABLE community_posts (
    guild_id BIGINT UNSIGNED NOT NULL,
    routine VARCHAR(16) NOT NULL,
    period DATE NOT NULL,
    posted_at DATETIME(3) NOT NULL,
    figures LONGTEXT NOT NULL,
    shown LONGTEXT NOT NULL,
    told LONGTEXT NULL,
    PRIMARY KEY (guild_id, routine, period)
);

-- Channels whose name is a figure. counter_id names the channel's target in the outbox.
CREATE TABLE community_counters (
    guild_id BIGINT UNSIGNED NOT NULL,
    counter VARCHAR(16) NOT NULL,
    counter_id BIGINT UNSIGNED NOT NULL,
    shown VARCHAR(100) NOT NULL,
    PRIMARY KEY (guild_id, counter)
);

-- Who holds the role of the month's best; state 'held' or 'leaving' (it is being taken).
CREATE TABLE community_top_roles (
    guild_id BIGINT UNSIGNED NOT NULL,
    role_id BIGINT UNSIGNED NOT NULL,
    user_id BIGINT UNSIGNED NOT NULL,
    state VARCHAR(12) NOT NULL DEFAULT 'held',
    PRIMARY KEY (guild_id, role_id, user_id)
);

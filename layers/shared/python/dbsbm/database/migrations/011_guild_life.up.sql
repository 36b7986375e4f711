-- When the guild is to be asked for at Discord: something said it may be out of reach (NULL: nothing did). Once it is
-- known to be, state is 'unreachable' and removed_at begins the time that its data is kept; it is looked for daily.
ALTER TABLE guilds
    ADD COLUMN look_due_at DATETIME(3) NULL,
    ADD COLUMN removed_at DATETIME(3) NULL,
    ADD KEY guilds_by_look (look_due_at);

-- Whether those who grade have the case as a message in their channel.
ALTER TABLE disputes ADD COLUMN carded TINYINT(1) NOT NULL DEFAULT 0;

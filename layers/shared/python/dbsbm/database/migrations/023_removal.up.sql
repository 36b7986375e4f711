-- A guild whose data is being removed has the state 'leaving': found by when the bot was gone from it, and what Discord
-- shows of it by the guild.
ALTER TABLE guilds ADD KEY guilds_by_removal (removed_at);
ALTER TABLE outbox_targets ADD KEY outbox_targets_by_guild (guild_id);

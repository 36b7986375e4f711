ALTER TABLE outbox_targets DROP KEY outbox_targets_by_guild;
ALTER TABLE guilds DROP KEY guilds_by_removal;

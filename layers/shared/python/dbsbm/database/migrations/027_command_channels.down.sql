ALTER TABLE guilds DROP COLUMN command_channels;

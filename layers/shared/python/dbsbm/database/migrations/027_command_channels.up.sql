-- Where commands are taken, as ids with commas; '': in every channel.
ALTER TABLE guilds ADD COLUMN command_channels VARCHAR(600) NOT NULL DEFAULT '';

-- The language of what is posted for everybody: Discord's word for the server (guild_locale) when it was set up.
ALTER TABLE guilds ADD COLUMN locale VARCHAR(8) NOT NULL DEFAULT 'en-US';

-- Pictures of slips that anybody may see who has their address, as far as the community lets them be.
ALTER TABLE guilds ADD COLUMN public_slips TINYINT(1) NOT NULL DEFAULT 0;
-- The unguessable part of the address; NULL while the slip is for its channel alone.
ALTER TABLE bets ADD COLUMN public_key VARCHAR(22) NULL;

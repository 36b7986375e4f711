ALTER TABLE bets DROP COLUMN public_key;
ALTER TABLE guilds DROP COLUMN public_slips;

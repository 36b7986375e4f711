DROP TABLE IF EXISTS capper_proposals;
DROP TABLE IF EXISTS dispute_events;
DROP TABLE IF EXISTS disputes;
ALTER TABLE bets DROP COLUMN under_review;
ALTER TABLE guilds DROP COLUMN admin_channel_id;

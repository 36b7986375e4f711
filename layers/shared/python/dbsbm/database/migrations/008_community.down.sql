DROP TABLE IF EXISTS tails;
DROP TABLE IF EXISTS result_card_bets;
DROP TABLE IF EXISTS result_cards;
DROP TABLE IF EXISTS grade_batch_bets;
DROP TABLE IF EXISTS grade_batches;
DROP TABLE IF EXISTS capper_totals;
ALTER TABLE guilds
    DROP COLUMN results_channel_id,
    DROP COLUMN result_cards,
    DROP COLUMN self_grading;

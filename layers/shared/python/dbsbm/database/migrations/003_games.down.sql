DROP TABLE feed_fetches;
DROP TABLE game_scores;
DROP TABLE current_odds;
DROP TABLE odds_snapshots;
DROP TABLE game_sources;
DROP TABLE games;

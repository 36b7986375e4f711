-- A player's statistic in a game, as books price it. Its prices stand where a game's do – odds_snapshots, current_odds,
-- closing_lines – with prop_id in the place of the game's id, so that a name is stored once.
CREATE TABLE prop_lines (
    game_id BIGINT UNSIGNED NOT NULL,
    player VARCHAR(100) NOT NULL,
    stat VARCHAR(48) NOT NULL,
    prop_id BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (game_id, player, stat)
);

-- When the prices of a game's players were last asked for.
CREATE TABLE prop_fetches (
    game_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    fetched_at DATETIME(3) NOT NULL
);

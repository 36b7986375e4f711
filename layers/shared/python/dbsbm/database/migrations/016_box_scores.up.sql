-- A source's box score of a game that is over, newest only. covers: the statistics it tells of ("passing_yards,…").
-- digest changes when anything that could change a grade does.
CREATE TABLE box_scores (
    game_id BIGINT UNSIGNED NOT NULL,
    provider VARCHAR(32) NOT NULL,
    reported_at DATETIME(3) NOT NULL,
    covers VARCHAR(1000) NOT NULL,
    digest INT UNSIGNED NOT NULL,
    PRIMARY KEY (game_id, provider)
);

-- One player's line. participated, started: NULL where the source does not say.
-- stats: JSON of quarter units by statistic; one that is covered and not here is 0.
CREATE TABLE player_lines (
    game_id BIGINT UNSIGNED NOT NULL,
    provider VARCHAR(32) NOT NULL,
    line INT UNSIGNED NOT NULL,
    name VARCHAR(100) NOT NULL,
    team VARCHAR(100) NOT NULL,
    participated TINYINT(1) NULL,
    started TINYINT(1) NULL,
    stats VARCHAR(1000) NOT NULL,
    PRIMARY KEY (game_id, provider, line)
);

-- A person's word on what a source calls a player.
CREATE TABLE player_names (
    provider VARCHAR(32) NOT NULL,
    league VARCHAR(32) NOT NULL,
    player VARCHAR(100) NOT NULL,
    name VARCHAR(100) NOT NULL,
    said_by VARCHAR(64) NOT NULL,
    said_at DATETIME(3) NOT NULL,
    PRIMARY KEY (provider, league, player)
);

-- Which games have bets on players: a box score is asked for only for these.
ALTER TABLE bet_legs ADD KEY bet_legs_by_market (game_id, market);

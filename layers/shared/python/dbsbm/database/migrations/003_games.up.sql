-- A game, whoever told us of it. league is the key of a data file row ("nfl", "efl_championship").
-- Two clocks, because two documents speak of a game: source_updated_at is the schedule's, score_updated_at the score's.
CREATE TABLE games (
    game_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    league VARCHAR(32) NOT NULL,
    home VARCHAR(100) NOT NULL,
    away VARCHAR(100) NOT NULL,
    starts_at DATETIME(3) NOT NULL,
    state VARCHAR(12) NOT NULL DEFAULT 'scheduled',
    home_score INT NULL,
    away_score INT NULL,
    score_source VARCHAR(32) NULL,
    score_updated_at DATETIME(3) NULL,
    source_updated_at DATETIME(3) NOT NULL,
    KEY games_upcoming (state, starts_at),
    KEY games_by_league (league, starts_at)
);

CREATE TABLE game_sources (
    provider VARCHAR(32) NOT NULL,
    provider_game_id VARCHAR(64) NOT NULL,
    game_id BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (provider, provider_game_id),
    KEY game_sources_by_game (game_id)
);

-- Append-only, stored only on change. line_q is the line in quarter points of the side (-3.5 → -14), 0 where there is none.
-- price_num/price_den is the exact decimal price (21/11 for -110); NULL where the book took the price down.
CREATE TABLE odds_snapshots (
    game_id BIGINT UNSIGNED NOT NULL,
    book VARCHAR(32) NOT NULL,
    market VARCHAR(24) NOT NULL,
    side VARCHAR(12) NOT NULL,
    taken_at DATETIME(3) NOT NULL,
    line_q INT NOT NULL DEFAULT 0,
    price_num INT UNSIGNED NULL,
    price_den INT UNSIGNED NULL,
    fetched_at DATETIME(3) NOT NULL,
    PRIMARY KEY (game_id, book, market, side, taken_at)
);

-- The newest state of each price: here so that reading is one index range. changed_at is its newest snapshot's taken_at,
-- taken_at the last moment the book was seen offering it.
CREATE TABLE current_odds (
    game_id BIGINT UNSIGNED NOT NULL,
    book VARCHAR(32) NOT NULL,
    market VARCHAR(24) NOT NULL,
    side VARCHAR(12) NOT NULL,
    changed_at DATETIME(3) NOT NULL,
    taken_at DATETIME(3) NOT NULL,
    line_q INT NOT NULL DEFAULT 0,
    price_num INT UNSIGNED NULL,
    price_den INT UNSIGNED NULL,
    PRIMARY KEY (game_id, book, market, side)
);

CREATE TABLE game_scores (
    game_id BIGINT UNSIGNED NOT NULL,
    provider VARCHAR(32) NOT NULL,
    reported_at DATETIME(3) NOT NULL,
    home_score INT NOT NULL,
    away_score INT NOT NULL,
    final TINYINT(1) NOT NULL,
    PRIMARY KEY (game_id, provider, reported_at)
);

-- When each kind of document was last taken in: what a provider is next asked for follows from it.
CREATE TABLE feed_fetches (
    provider VARCHAR(32) NOT NULL,
    sport_key VARCHAR(64) NOT NULL,
    kind VARCHAR(12) NOT NULL,
    fetched_at DATETIME(3) NOT NULL,
    PRIMARY KEY (provider, sport_key, kind)
);

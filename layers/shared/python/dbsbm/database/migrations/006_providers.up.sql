-- What a further source says of its own event, newest only, and which of our games it is. game_id NULL: not known, and
-- reason says why ('no_game', 'unknown_team', 'several'); a person may name the game. swapped: home there is away here.
CREATE TABLE source_events (
    provider VARCHAR(32) NOT NULL,
    provider_game_id VARCHAR(64) NOT NULL,
    league VARCHAR(32) NOT NULL,
    home VARCHAR(100) NOT NULL,
    away VARCHAR(100) NOT NULL,
    starts_at DATETIME(3) NOT NULL,
    state VARCHAR(12) NOT NULL,
    game_id BIGINT UNSIGNED NULL,
    swapped TINYINT(1) NOT NULL DEFAULT 0,
    reason VARCHAR(24) NOT NULL DEFAULT '',
    matched_by VARCHAR(64) NOT NULL DEFAULT '',
    first_seen_at DATETIME(3) NOT NULL,
    last_seen_at DATETIME(3) NOT NULL,
    PRIMARY KEY (provider, provider_game_id),
    KEY source_events_by_game (game_id, provider, last_seen_at)
);

-- How a source's word on a game's start and state went, appended on change: moved, postponed, suspended, cancelled.
CREATE TABLE game_changes (
    game_id BIGINT UNSIGNED NOT NULL,
    provider VARCHAR(32) NOT NULL,
    provider_game_id VARCHAR(64) NOT NULL,
    seen_at DATETIME(3) NOT NULL,
    state VARCHAR(12) NOT NULL,
    starts_at DATETIME(3) NOT NULL,
    PRIMARY KEY (game_id, provider, provider_game_id, seen_at)
);

-- Points by period as a source has them, newest only: "7,3,0,10".
CREATE TABLE game_periods (
    game_id BIGINT UNSIGNED NOT NULL,
    provider VARCHAR(32) NOT NULL,
    reported_at DATETIME(3) NOT NULL,
    home_points VARCHAR(190) NOT NULL,
    away_points VARCHAR(190) NOT NULL,
    PRIMARY KEY (game_id, provider)
);

-- Requests and credits by provider and UTC day. remaining and used are what the provider said last, of its own period.
CREATE TABLE provider_usage (
    provider VARCHAR(32) NOT NULL,
    day DATE NOT NULL,
    requests INT UNSIGNED NOT NULL,
    credits INT UNSIGNED NOT NULL,
    remaining INT NULL,
    used INT NULL,
    updated_at DATETIME(3) NOT NULL,
    PRIMARY KEY (provider, day)
);

-- The forecast for the hour of an outdoor game's start, newest only. Tenths of °C, km/h and mm; chances in percent.
CREATE TABLE weather_forecasts (
    game_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    venue VARCHAR(100) NOT NULL,
    hour_at DATETIME(3) NOT NULL,
    fetched_at DATETIME(3) NOT NULL,
    temperature_dc INT NOT NULL,
    wind_dkmh INT NOT NULL,
    gust_dkmh INT NOT NULL,
    wind_degrees INT NOT NULL,
    rain_dmm INT NOT NULL,
    rain_percent INT NOT NULL,
    snow_percent INT NOT NULL,
    sky VARCHAR(64) NOT NULL
);

DROP TABLE weather_forecasts;
DROP TABLE provider_usage;
DROP TABLE game_periods;
DROP TABLE game_changes;
DROP TABLE source_events;

"""Games, prices and results: nothing of a member. Names of players are those of public sports."""

from __future__ import annotations

from dbsbm.privacy.inventory.model import Basis, Erase, Purpose, Table

TABLES = (
    Table(
        "box_scores",
        Purpose.GAMES,
        Basis.NONE,
        "for good",
        Erase.KEEP,
        plain="game_id provider reported_at covers digest",
    ),
    Table(
        "closing_lines",
        Purpose.GAMES,
        Basis.NONE,
        "for good",
        Erase.KEEP,
        plain="game_id closing book market side line_q price_num price_den seen_at stale",
    ),
    Table(
        "current_odds",
        Purpose.GAMES,
        Basis.NONE,
        "for good",
        Erase.KEEP,
        plain="game_id book market side changed_at taken_at line_q price_num price_den",
    ),
    Table(
        "feed_fetches",
        Purpose.OPERATION,
        Basis.NONE,
        "for good",
        Erase.KEEP,
        plain="provider sport_key kind fetched_at etag",
    ),
    Table(
        "game_changes",
        Purpose.GAMES,
        Basis.NONE,
        "for good",
        Erase.KEEP,
        plain="game_id provider provider_game_id seen_at state starts_at",
    ),
    Table(
        "game_closings",
        Purpose.GAMES,
        Basis.NONE,
        "for good",
        Erase.KEEP,
        plain="game_id closing starts_at closed_at in_play frozen_at clv_done",
    ),
    Table(
        "game_periods",
        Purpose.GAMES,
        Basis.NONE,
        "for good",
        Erase.KEEP,
        plain="game_id provider reported_at home_points away_points",
    ),
    Table(
        "game_scores",
        Purpose.GAMES,
        Basis.NONE,
        "for good",
        Erase.KEEP,
        plain="game_id provider reported_at home_score away_score final",
    ),
    Table(
        "game_settlements",
        Purpose.GAMES,
        Basis.NONE,
        "for good",
        Erase.KEEP,
        plain="game_id standing state cursor_guild cursor_bet first_final_at looks updated_at",
    ),
    Table(
        "game_sources",
        Purpose.GAMES,
        Basis.NONE,
        "for good",
        Erase.KEEP,
        plain="provider provider_game_id game_id",
    ),
    Table(
        "games",
        Purpose.GAMES,
        Basis.NONE,
        "for good",
        Erase.KEEP,
        plain=(
            "game_id league home away starts_at state home_score away_score score_source score_updated_at "
            "source_updated_at"
        ),
    ),
    Table(
        "odds_snapshots",
        Purpose.GAMES,
        Basis.NONE,
        "for good",
        Erase.KEEP,
        plain="game_id book market side taken_at line_q price_num price_den fetched_at previous_seen_at",
    ),
    Table(
        "player_lines",
        Purpose.GAMES,
        Basis.NONE,
        "for good",
        Erase.KEEP,
        plain="game_id provider line name team participated started stats",
    ),
    Table(
        "player_names",
        Purpose.GAMES,
        Basis.INTEREST,
        "for good: what a source calls a player, and who said so",
        Erase.OPERATOR,
        behavioural="said_at",
        content="said_by",
        plain="provider league player name",
    ),
    Table(
        "prop_fetches",
        Purpose.OPERATION,
        Basis.NONE,
        "for good",
        Erase.KEEP,
        plain="game_id fetched_at",
    ),
    Table(
        "prop_lines",
        Purpose.GAMES,
        Basis.NONE,
        "for good",
        Erase.KEEP,
        plain="game_id player stat prop_id",
    ),
    Table(
        "provider_usage",
        Purpose.OPERATION,
        Basis.NONE,
        "for good",
        Erase.KEEP,
        plain="provider day requests credits remaining used updated_at",
    ),
    Table(
        "source_events",
        Purpose.GAMES,
        Basis.INTEREST,
        "for good: which game an event of a source is, and who said so",
        Erase.OPERATOR,
        content="matched_by",
        plain=(
            "provider provider_game_id league home away starts_at state game_id swapped reason first_seen_at "
            "last_seen_at"
        ),
    ),
    Table(
        "weather_forecasts",
        Purpose.GAMES,
        Basis.NONE,
        "for good",
        Erase.KEEP,
        plain=(
            "game_id venue hour_at fetched_at temperature_dc wind_dkmh gust_dkmh wind_degrees rain_dmm "
            "rain_percent snow_percent sky"
        ),
    ),
)

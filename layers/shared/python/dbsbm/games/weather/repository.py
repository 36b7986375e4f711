"""Forecasts of games in the database, newest only."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from dbsbm.database.session import Row, Session
from dbsbm.games.repository import chunks
from dbsbm.games.weather.model import Forecast


class WeatherRepository:
    """One forecast per game; tenths in the database, so that what is stored is what was served."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, forecast: Forecast) -> None:
        """The newest forecast of a game."""
        self._session.execute(
            _KEEP,
            (
                forecast.game_id,
                forecast.venue,
                forecast.hour_at,
                forecast.fetched_at,
                round(forecast.temperature_c * 10),
                round(forecast.wind_kmh * 10),
                round(forecast.gust_kmh * 10),
                forecast.wind_degrees,
                round(forecast.rain_mm * 10),
                forecast.rain_percent,
                forecast.snow_percent,
                forecast.sky[:64],
            ),
        )

    def forecast(self, game_id: int) -> Forecast | None:
        """A game's forecast."""
        return self.forecasts([game_id]).get(game_id)

    def forecasts(self, game_ids: Collection[int]) -> dict[int, Forecast]:
        """The forecasts of those games that have one."""
        # PRIMARY.
        return {
            row["game_id"]: _forecast(row)
            for chunk in chunks(game_ids)
            for row in self._session.all(
                """SELECT game_id, venue, hour_at, fetched_at, temperature_dc, wind_dkmh, gust_dkmh, wind_degrees,
                          rain_dmm, rain_percent, snow_percent, sky FROM weather_forecasts WHERE game_id IN %s""",
                (chunk,),
            )
        }

    def fetched(self, game_ids: Collection[int]) -> dict[int, tuple[datetime, datetime]]:
        """When each game's forecast was fetched, and for which hour."""
        # PRIMARY.
        return {
            row["game_id"]: (row["fetched_at"], row["hour_at"])
            for chunk in chunks(game_ids)
            for row in self._session.all(
                "SELECT game_id, fetched_at, hour_at FROM weather_forecasts WHERE game_id IN %s", (chunk,)
            )
        }


def _forecast(row: Row) -> Forecast:
    return Forecast(
        row["game_id"],
        row["venue"],
        row["hour_at"],
        row["fetched_at"],
        row["temperature_dc"] / 10,
        row["wind_dkmh"] / 10,
        row["gust_dkmh"] / 10,
        row["wind_degrees"],
        row["rain_dmm"] / 10,
        row["rain_percent"],
        row["snow_percent"],
        row["sky"],
    )


_KEEP = """
INSERT INTO weather_forecasts (game_id, venue, hour_at, fetched_at, temperature_dc, wind_dkmh, gust_dkmh, wind_degrees,
    rain_dmm, rain_percent, snow_percent, sky)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE
    venue = VALUES(venue), hour_at = VALUES(hour_at), fetched_at = VALUES(fetched_at),
    temperature_dc = VALUES(temperature_dc), wind_dkmh = VALUES(wind_dkmh), gust_dkmh = VALUES(gust_dkmh),
    wind_degrees = VALUES(wind_degrees), rain_dmm = VALUES(rain_dmm), rain_percent = VALUES(rain_percent),
    snow_percent = VALUES(snow_percent), sky = VALUES(sky)
"""

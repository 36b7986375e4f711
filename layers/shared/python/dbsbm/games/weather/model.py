"""The weather at a game's start, and what it says about a total."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

_BREEZY_KMH = 16
_WINDY_KMH = 24
_STORM_KMH = 40
_WET_MM = 0.5
_LIKELY_PERCENT = 50
_FREEZING_C = 0.0
_HOT_C = 32.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """The hour of the start: °C, km/h, mm in the hour, percent; the wind comes from ``wind_degrees`` (0 = north)."""

    game_id: int
    venue: str
    hour_at: datetime
    fetched_at: datetime
    temperature_c: float
    wind_kmh: float
    gust_kmh: float
    wind_degrees: int
    rain_mm: float
    rain_percent: int
    snow_percent: int
    sky: str


class Sign(StrEnum):
    """What bettors on a total look for; the sentence of each stands in the catalogue of words."""

    CALM = "calm"
    BREEZY = "breezy"
    WINDY = "windy"
    STORM = "storm"
    WET = "wet"
    MAYBE_WET = "maybe_wet"
    SNOW = "snow"
    FREEZING = "freezing"
    HOT = "hot"


def signs(forecast: Forecast) -> Iterator[Sign]:
    """Wind first, always one; then rain or snow, then cold or heat, where there is any to speak of."""
    wind = forecast.wind_kmh
    steps = ((_STORM_KMH, Sign.STORM), (_WINDY_KMH, Sign.WINDY), (_BREEZY_KMH, Sign.BREEZY), (0, Sign.CALM))
    yield next(sign for least, sign in steps if wind >= least)
    if forecast.snow_percent >= _LIKELY_PERCENT:
        yield Sign.SNOW
    elif forecast.rain_percent >= _LIKELY_PERCENT and forecast.rain_mm >= _WET_MM:
        yield Sign.WET
    elif forecast.rain_percent >= _LIKELY_PERCENT or forecast.rain_mm >= _WET_MM:
        yield Sign.MAYBE_WET
    if forecast.temperature_c <= _FREEZING_C:
        yield Sign.FREEZING
    elif forecast.temperature_c >= _HOT_C:
        yield Sign.HOT


def compass(degrees: int) -> str:
    """ "NW", to an eighth of the circle."""
    return ("N", "NE", "E", "SE", "S", "SW", "W", "NW")[round(degrees % 360 / 45) % 8]

"""WeatherAPI.com's answers in their shape; the weather itself is made up from the place and the hour."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from dbsbm.core.clock import Clock
from dbsbm.core.http import HttpRequest, HttpResponse

FORECAST, CURRENT = "/v1/forecast.json", "/v1/current.json"
Json = dict[str, Any]
_SKIES = ("Sunny", "Partly cloudy", "Overcast", "Light rain", "Moderate rain")


class WeatherProvider:
    """Answers forecasts of ``plan_days`` days, and what the weather is now.

    ``refusal`` is an error (status, code, message) for every answer.
    """

    def __init__(self, clock: Clock, *, key: str | None = None, plan_days: int = 3) -> None:
        self._clock = clock
        self._key = key
        self._plan_days = plan_days
        self.refusal: tuple[int, int, str] | None = None
        self.calls = 0

    def handle(self, request: HttpRequest) -> HttpResponse:
        address = urlsplit(request.url)
        query = {name: values[-1] for name, values in parse_qs(address.query).items()}
        self.calls += 1
        refusal = self.refusal or self._refusal(query)
        if refusal is not None:
            status, code, message = refusal
            return _answer(status, {"error": {"code": code, "message": message}})
        if address.path == CURRENT:
            return _answer(200, {"location": {"tz_id": "UTC"}, "current": _hour(query["q"], self._clock.now())})
        days = min(int(query.get("days", "1")), self._plan_days)
        today = self._clock.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        forecast = [_day(query["q"], today + timedelta(days=number)) for number in range(days)]
        return _answer(200, {"location": {"tz_id": "UTC"}, "forecast": {"forecastday": forecast}})

    def _refusal(self, query: dict[str, str]) -> tuple[int, int, str] | None:
        if not query.get("key"):
            return 401, 1002, "API key is invalid or not provided."
        if self._key is not None and query["key"] != self._key:
            return 401, 2006, "API key is invalid."
        if not query.get("q"):
            return 400, 1003, "Parameter q is missing."
        latitude, _, longitude = query["q"].partition(",")
        if not _degrees(latitude, 90) or not _degrees(longitude, 180):
            return 400, 1006, "No matching location found."
        return None


def _degrees(text: str, most: float) -> bool:
    try:
        return abs(float(text)) <= most
    except ValueError:
        return False


def _day(place: str, midnight: datetime) -> Json:
    hours = [_hour(place, midnight + timedelta(hours=number)) for number in range(24)]
    return {"date": f"{midnight:%Y-%m-%d}", "date_epoch": int(midnight.timestamp()), "hour": hours}


def _hour(place: str, at: datetime) -> Json:
    drawn = zlib.crc32(f"{place} {at:%Y%m%d%H}".encode())
    sky, wind, celsius = drawn % len(_SKIES), drawn // 7 % 45, drawn // 11 % 35 - 4
    wet = sky >= 3
    return {
        "time_epoch": int(at.timestamp()),
        "time": f"{at:%Y-%m-%d %H:%M}",
        "temp_c": celsius + 0.4,
        "condition": {"text": _SKIES[sky], "code": 1000 + sky},
        "wind_kph": wind + 0.5,
        "wind_degree": drawn // 13 % 360,
        "gust_kph": wind * 1.4,
        "precip_mm": 1.3 if wet else 0.0,
        "chance_of_rain": 80 if wet else 5,
        "chance_of_snow": 0,
    }


def _answer(status: int, document: Json) -> HttpResponse:
    return HttpResponse(status, {"content-type": "application/json"}, json.dumps(document).encode())

"""WeatherAPI.com over HTTP. Reference: https://www.weatherapi.com/docs/, "API Error Codes" and "Forecast API"."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from dbsbm.core.errors import ProviderError, ProviderUnavailableError
from dbsbm.core.http import HttpResponse
from dbsbm.games.weather.model import Forecast
from dbsbm.games.weather.venues import Venue
from dbsbm.providers.errors import (
    ProviderDocumentError,
    ProviderKeyError,
    ProviderNotFoundError,
    ProviderQuotaError,
    ProviderRateError,
    ProviderRequestError,
)
from dbsbm.providers.fetching import Client, Served, asked, plain, seconds
from dbsbm.providers.reading import mapping, read_json

PROVIDER = "weather_api"
_PATH = "/v1/forecast.json"
_HOUR_S = 3600
_CODES: dict[int, type[ProviderError]] = {
    1002: ProviderKeyError,  # no key
    2006: ProviderKeyError,  # unknown key
    2008: ProviderKeyError,  # key switched off
    2009: ProviderKeyError,  # not in the key's plan
    2007: ProviderQuotaError,  # the month's calls are used up
    1003: ProviderRequestError,  # no place asked for
    1005: ProviderRequestError,  # bad URL
    1006: ProviderNotFoundError,  # no such place
    9999: ProviderUnavailableError,  # "Internal application error"
}


class WeatherApi(Client):
    """Fetches forecasts. The key travels in the query, so no URL is ever put into an error or a log."""

    def forecast(self, venue: Venue, days: int) -> Served:
        """The hours of today and the following days at a place; one call of the month's.

        Raises
        ------
        ProviderError
            One of ``providers.errors``, or ProviderUnavailableError.
        """
        place = f"{venue.latitude:.3f},{venue.longitude:.3f}"
        query = {"key": self._key(), "q": place, "days": str(days), "aqi": "no", "alerts": "no"}
        response = asked(self._transport, _PATH, f"{self._base_url}{_PATH}?{urlencode(query)}", {}, self._timeout_s)
        if response.status != 200:
            raise _refusal(response)
        return Served(plain(_PATH, response), self._clock.now())


def read_forecast(served: Served, game_id: int, venue: Venue, starts_at: datetime) -> Forecast | None:
    """The hour in which the game starts; None when the document does not reach so far.

    Raises
    ------
    ProviderDocumentError
        When the document cannot be read.
    """
    days = mapping(mapping(read_json(served.body), "forecast document").get("forecast"), "forecast").get("forecastday")
    if not isinstance(days, list):
        raise ProviderDocumentError("forecastday is not a list")
    start = starts_at.timestamp()
    for day in days:
        hours = mapping(day, "forecast day").get("hour")
        for hour in hours if isinstance(hours, list) else ():
            row = mapping(hour, "hour")
            begins = _number(row, "time_epoch")
            if begins <= start < begins + _HOUR_S:
                return _forecast(row, served, game_id, venue, datetime.fromtimestamp(begins, UTC))
    return None


def _forecast(row: dict[str, Any], served: Served, game_id: int, venue: Venue, hour_at: datetime) -> Forecast:
    condition = row.get("condition")
    sky = condition.get("text") if isinstance(condition, dict) else None
    return Forecast(
        game_id,
        venue.name,
        hour_at,
        served.fetched_at,
        temperature_c=_number(row, "temp_c"),
        wind_kmh=_number(row, "wind_kph"),
        gust_kmh=_number(row, "gust_kph"),
        wind_degrees=round(_number(row, "wind_degree")) % 360,
        rain_mm=_number(row, "precip_mm"),
        rain_percent=_percent(row, "chance_of_rain"),
        snow_percent=_percent(row, "chance_of_snow"),
        sky=sky.strip() if isinstance(sky, str) else "",
    )


def _number(row: dict[str, Any], name: str) -> float:
    value = row.get(name)
    try:
        number = Decimal(value) if isinstance(value, int | str) and not isinstance(value, bool) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or abs(number) > 10_000_000_000:
        raise ProviderDocumentError(f"{name} {str(value)[:40]!r} is not a number")
    return float(number)


def _percent(row: dict[str, Any], name: str) -> int:
    return min(100, max(0, round(_number(row, name))))


def _refusal(response: HttpResponse) -> ProviderError:
    code, message = _said(response)
    detail = f"{_PATH}: {response.status} {code or ''} {message}".rstrip()
    known = _CODES.get(code)
    if known is not None:
        return known(detail)
    if response.status == 429:
        return ProviderRateError(detail, retry_after_s=seconds(response.headers.get("retry-after")))
    if response.status >= 500:
        return ProviderUnavailableError(detail)
    return ProviderKeyError(detail) if response.status in (401, 403) else ProviderRequestError(detail)


def _said(response: HttpResponse) -> tuple[int, str]:
    """Code and message of a refusal's body, as far as it has them."""
    try:
        error = json.loads(plain(_PATH, response))["error"]
        return int(error["code"]), str(error.get("message", ""))[:200]
    except (ValueError, KeyError, TypeError, ProviderDocumentError):
        return 0, ""

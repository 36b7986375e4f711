"""Forecasts of WeatherAPI.com: the hour of the start, errors told apart, what wind and rain mean, and the stadiums."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dbsbm.betting.names import load_roster
from dbsbm.core.errors import ProviderError, ProviderUnavailableError
from dbsbm.core.http import HttpRequest, HttpResponse
from dbsbm.games.leagues import catalogue_id
from dbsbm.games.weather.model import Forecast, Sign, compass, signs
from dbsbm.games.weather.venues import Roof, Venue, _venues, venue_of
from dbsbm.providers.errors import (
    ProviderDocumentError,
    ProviderKeyError,
    ProviderNotFoundError,
    ProviderQuotaError,
    ProviderRateError,
    ProviderRequestError,
)
from dbsbm.providers.fetching import Served
from dbsbm.providers.weather_api import WeatherApi, read_forecast
from tests.integration.moments import HandClock

NOW = datetime(2026, 9, 13, 12, 0, tzinfo=UTC)
LAMBEAU = Venue("Lambeau Field", 44.501, -88.062, Roof.OPEN)
HOUR: dict[str, Any] = {
    "time_epoch": int(NOW.timestamp()),
    "temp_c": -1.4,
    "condition": {"text": "Light snow ", "code": 1213},
    "wind_kph": 25.2,
    "wind_degree": 310,
    "gust_kph": 37.1,
    "precip_mm": 0.3,
    "chance_of_rain": 0,
    "chance_of_snow": 71,
}
CALM = Forecast(1, "x", NOW, NOW, 18.0, 5.0, 9.0, 0, 0.0, 0, 0, "Sunny")


def served(*hours: Any) -> Served:
    return Served(json.dumps({"forecast": {"forecastday": [{"hour": hours}]}}).encode(), NOW)


def test_the_hour_in_which_the_game_starts_is_taken() -> None:
    later = {**HOUR, "time_epoch": HOUR["time_epoch"] + 3600, "wind_kph": 9.0}
    read = read_forecast(served(HOUR, later), 7, LAMBEAU, NOW + timedelta(minutes=59))

    assert read == Forecast(7, "Lambeau Field", NOW, NOW, -1.4, 25.2, 37.1, 310, 0.3, 0, 71, "Light snow")
    assert read_forecast(served(HOUR), 7, LAMBEAU, NOW + timedelta(hours=1)) is None


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"forecast":{"forecastday":{}}}', b"{\xff}", served({**HOUR, "temp_c": "warm"}).body],
)
def test_what_is_no_forecast_is_refused(body: bytes) -> None:
    with pytest.raises(ProviderDocumentError):
        read_forecast(Served(body, NOW), 7, LAMBEAU, NOW)


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (401, 1002, ProviderKeyError),
        (401, 2006, ProviderKeyError),
        (403, 2007, ProviderQuotaError),
        (403, 2008, ProviderKeyError),
        (403, 2009, ProviderKeyError),
        (400, 1006, ProviderNotFoundError),
        (400, 1003, ProviderRequestError),
        (400, 9999, ProviderUnavailableError),
        (429, 0, ProviderRateError),
        (503, 0, ProviderUnavailableError),
    ],
)
def test_refusals_are_told_apart_and_never_show_the_key(status: int, code: int, error: type[ProviderError]) -> None:
    asked: list[HttpRequest] = []

    def transport(request: HttpRequest) -> HttpResponse:
        asked.append(request)
        body = json.dumps({"error": {"code": code, "message": "no"}}).encode() if code else b"<html>"
        return HttpResponse(status, {}, body)

    with pytest.raises(ProviderError) as raised:
        WeatherApi(transport, "http://weather", lambda: "s3cret", HandClock(NOW)).forecast(LAMBEAU, 3)
    assert type(raised.value) is error
    assert "s3cret" not in raised.value.detail
    assert "q=44.501%2C-88.062&days=3" in asked[0].url


@pytest.mark.parametrize(
    ("changed", "meaning"),
    [
        ({}, [Sign.CALM]),
        ({"wind_kmh": 16.0}, [Sign.BREEZY]),
        ({"wind_kmh": 24.0}, [Sign.WINDY]),
        ({"wind_kmh": 40.0, "rain_percent": 90, "rain_mm": 3.0}, [Sign.STORM, Sign.WET]),
        ({"rain_percent": 60}, [Sign.CALM, Sign.MAYBE_WET]),
        ({"snow_percent": 50, "temperature_c": 0.0}, [Sign.CALM, Sign.SNOW, Sign.FREEZING]),
        ({"temperature_c": 32.0}, [Sign.CALM, Sign.HOT]),
    ],
)
def test_wind_comes_first_then_rain_then_cold_or_heat(changed: dict[str, Any], meaning: list[Sign]) -> None:
    assert list(signs(replace(CALM, **changed))) == meaning


@pytest.mark.parametrize(("degrees", "name"), [(0, "N"), (359, "N"), (45, "NE"), (180, "S"), (271, "W"), (315, "NW")])
def test_the_wind_s_origin_is_an_eighth_of_the_circle(degrees: int, name: str) -> None:
    assert compass(degrees) == name


def test_every_stadium_belongs_to_a_team_of_the_team_files_and_lies_where_its_league_plays() -> None:
    for league, teams in _venues().items():
        for team, venue in teams.items():
            found = load_roster().team(catalogue_id(league), team)
            assert found is not None, team
            assert found.name == team
            if league == "epl":
                assert 50 < venue.latitude < 56
                assert -4 < venue.longitude < 2
            else:
                assert 25 < venue.latitude < 50
                assert -124 < venue.longitude < -70
    assert {league: len(teams) for league, teams in _venues().items()} == {"nfl": 32, "mlb": 30, "mls": 30, "epl": 25}
    assert Counter(venue.roof for venue in _venues()["nfl"].values()) == {
        Roof.OPEN: 21,
        Roof.FIXED: 6,
        Roof.RETRACTABLE: 5,
    }


def test_a_stadium_is_found_by_any_name_of_its_team() -> None:
    assert venue_of("mlb", "Oakland Athletics") == venue_of("mlb", "Athletics")
    assert venue_of("nba", "Boston Celtics") is None
    assert venue_of("nfl", "Nobody") is None

"""API-Sports: seven shapes, refusals with status 200, and scores beside those of the other sources."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from dbsbm.core.errors import ProviderError, ProviderUnavailableError
from dbsbm.core.http import HttpRequest, HttpResponse, TransportError
from dbsbm.core.ids import Ids
from dbsbm.environment import installed
from dbsbm.games.feed.usage import UsageRepository
from dbsbm.games.model import EventState, GameReport
from dbsbm.games.service import store_games
from dbsbm.providers.api_sports import ApiSports, SportHost, sport_hosts
from dbsbm.providers.api_sports_documents import read_games
from dbsbm.providers.errors import (
    ProviderDocumentError,
    ProviderKeyError,
    ProviderQuotaError,
    ProviderRateError,
    ProviderRequestError,
)
from dbsbm.wiring import build
from feed_api_sports.handler import handler
from tests.integration.moments import HandClock, open_database

EVENTS = Path(__file__).resolve().parents[2] / "events"
START = datetime(2026, 9, 13, 17, 0, tzinfo=UTC)
NOW = datetime(2026, 9, 13, 21, 0, tzinfo=UTC)
STAMP = int(START.timestamp())
SPORTS: dict[str, SportHost] = {sport.shape: sport for sport in sport_hosts()}


def teams(home: str, away: str) -> dict[str, Any]:
    return {"home": {"id": 1, "name": home}, "away": {"id": 2, "name": away}}


def football(short: str = "FT", league: int = 39) -> dict[str, Any]:
    return {
        "fixture": {"id": 215662, "timestamp": STAMP, "status": {"short": short, "elapsed": 90}},
        "league": {"id": league},
        "teams": teams("Chelsea", "Arsenal"),
        "goals": {"home": 3, "away": 2},
        "score": {
            "halftime": {"home": 0, "away": 1},
            "fulltime": {"home": 2, "away": 2},
            "extratime": {"home": 1, "away": 0},
        },
    }


def american_football(short: str = "AOT") -> dict[str, Any]:
    side = {"quarter_1": 7, "quarter_2": 3, "quarter_3": 0, "quarter_4": 10, "overtime": 3, "total": 23}
    return {
        "game": {"id": 7532, "date": {"timestamp": STAMP}, "status": {"short": short}},
        "league": {"id": 1},
        "teams": teams("Las Vegas Raiders", "Kansas City Chiefs"),
        "scores": {"home": side, "away": {**side, "overtime": None, "total": 20}},
    }


def basketball(short: str = "FT") -> dict[str, Any]:
    side = {"quarter_1": 30, "quarter_2": 25, "quarter_3": 28, "quarter_4": 29, "over_time": None, "total": 112}
    return {
        "id": 391053,
        "timestamp": STAMP,
        "status": {"short": short},
        "league": {"id": 12},
        "teams": teams("Boston Celtics", "Los Angeles Lakers"),
        "scores": {"home": side, "away": {**side, "quarter_4": 21, "total": 104}},
    }


def baseball(short: str = "FT") -> dict[str, Any]:
    innings = {str(n): 0 for n in range(1, 10)} | {"3": 2, "9": None, "extra": None}
    return {
        "id": 1,
        "timestamp": STAMP,
        "status": {"short": short},
        "league": {"id": 1},
        "teams": teams("New York Yankees", "Los Angeles Dodgers"),
        "scores": {"home": {"innings": innings, "total": 2}, "away": {"innings": innings, "total": 2}},
    }


def hockey(short: str = "AP") -> dict[str, Any]:
    return {
        "id": 9,
        "timestamp": STAMP,
        "status": {"short": short},
        "league": {"id": 57},
        "teams": teams("Boston Bruins", "New York Rangers"),
        "scores": {"home": 3, "away": 2},
        "periods": {"first": "1-0", "second": "0-1", "third": "1-1", "overtime": "0-0", "penalties": "1-0"},
    }


def fight(short: str = "FT", winner: str = "second") -> dict[str, Any]:
    names = {"first": "Islam Makhachev", "second": "Ilia Topuria"}
    return {
        "id": 1745,
        "timestamp": STAMP,
        "slug": "UFC 330",
        "status": {"short": short},
        "fighters": {key: {"id": 1, "name": name, "winner": key == winner} for key, name in names.items()},
    }


def envelope(*rows: Any, errors: Any = (), **changed: Any) -> bytes:
    document = {"get": "games", "errors": errors, "results": len(rows), "response": rows, **changed}
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("shape", "league", "row", "score", "periods"),
    [
        ("football", "epl", football(), (2, 2), ((0, 2), (1, 1))),
        ("american_football", "nfl", american_football(), (23, 20), ((7, 3, 0, 10, 3), (7, 3, 0, 10))),
        ("basketball", "nba", basketball(), (112, 104), ((30, 25, 28, 29), (30, 25, 28, 21))),
        ("baseball", "mlb", baseball(), (2, 2), ((0, 0, 2, 0, 0, 0, 0, 0), (0, 0, 2, 0, 0, 0, 0, 0))),
        ("hockey", "nhl", hockey(), (3, 2), ((1, 0, 1, 0), (0, 1, 1, 0))),
    ],
)
def test_each_shape_gives_its_final_with_its_periods(
    shape: str, league: str, row: Any, score: tuple[int, int], periods: tuple[tuple[int, ...], ...]
) -> None:
    read = read_games(envelope(row), SPORTS[shape], league, NOW)

    assert read.problems == ()
    (report,) = read.reports
    assert (report.state, report.starts_at) == (EventState.FINAL, START)
    assert (report.home_score, report.away_score) == score, "soccer after ninety minutes, the others as they ended"
    assert (report.home_periods, report.away_periods) == periods


@pytest.mark.parametrize(
    ("short", "winner", "state", "score"),
    [
        ("NS", "", EventState.SCHEDULED, (None, None)),
        ("WO", "", EventState.LIVE, (0, 0)),
        ("EOR", "", EventState.LIVE, (0, 0)),
        ("FT", "first", EventState.FINAL, (1, 0)),
        ("FT", "second", EventState.FINAL, (0, 1)),
        ("FT", "", EventState.FINAL, (0, 0)),
        ("CANC", "", EventState.CANCELLED, (None, None)),
    ],
)
def test_a_fight_is_one_to_nil_for_its_winner(short: str, winner: str, state: EventState, score: Any) -> None:
    (report,) = read_games(envelope(fight(short, winner)), SPORTS["mma"], "ufc", NOW).reports

    assert (report.home, report.away, report.state) == (("Islam Makhachev",), ("Ilia Topuria",), state)
    assert (report.home_score, report.away_score) == score


@pytest.mark.parametrize(
    ("make", "short", "state"),
    [
        (football, "NS", EventState.SCHEDULED),
        (football, "2H", EventState.LIVE),
        (football, "PEN", EventState.FINAL),
        (football, "PST", EventState.POSTPONED),
        (football, "SUSP", EventState.SUSPENDED),
        (football, "INT", EventState.SUSPENDED),
        (football, "ABD", EventState.SUSPENDED),
        (football, "WO", EventState.CANCELLED),
    ],
)
def test_the_status_is_one_of_six(make: Callable[[str], Any], short: str, state: EventState) -> None:
    (report,) = read_games(envelope(make(short)), SPORTS["football"], "epl", NOW).reports

    assert report.state is state


def test_other_leagues_of_the_day_are_passed_over_and_a_bad_row_is_named() -> None:
    read = read_games(envelope(football(league=78), football("??"), football()), SPORTS["football"], "epl", NOW)

    assert len(read.reports) == 1
    assert [problem.detail for problem in read.problems] == ["event 1: 215662: status '??' is none we know"]


@pytest.mark.parametrize("body", [b"[]", b"{", envelope(paging={"current": 1, "total": 2}), b'{"response": 5}'])
def test_what_is_no_envelope_is_refused(body: bytes) -> None:
    with pytest.raises(ProviderDocumentError):
        read_games(body, SPORTS["football"], "epl", NOW)


@pytest.mark.parametrize(
    ("status", "errors", "error"),
    [
        (200, {"token": "Error/Missing application key."}, ProviderKeyError),
        (200, {"access": "Your account is suspended."}, ProviderKeyError),
        (200, {"plan": "Free plans do not have access to this date."}, ProviderKeyError),
        (200, {"requests": "You have reached the request limit for the day."}, ProviderQuotaError),
        (200, {"rateLimit": "Too many requests."}, ProviderRateError),
        (200, {"date": "The Date field is not valid."}, ProviderRequestError),
        (200, ["something"], ProviderRequestError),
        (403, [], ProviderKeyError),
        (429, [], ProviderRateError),
        (499, [], ProviderUnavailableError),
        (503, [], ProviderUnavailableError),
    ],
)
def test_a_refusal_is_known_by_its_errors_and_the_key_stays_in_its_one_header(
    status: int, errors: Any, error: type[ProviderError]
) -> None:
    asked: list[HttpRequest] = []

    def transport(request: HttpRequest) -> HttpResponse:
        asked.append(request)
        return HttpResponse(status, {"x-ratelimit-requests-remaining": "42"}, envelope(errors=errors))

    api = ApiSports(transport, "http://127.0.0.1/{host}", lambda: "s3cret", HandClock(NOW))
    with pytest.raises(ProviderError) as raised:
        api.games(SPORTS["football"], date(2026, 9, 13))
    assert type(raised.value) is error
    assert "s3cret" not in raised.value.detail + asked[0].url
    assert asked[0].headers["x-apisports-key"] == "s3cret"
    assert asked[0].url == "http://127.0.0.1/v3.football/fixtures?date=2026-09-13&timezone=UTC"
    assert api.remaining == 42


def test_a_broken_connection_is_unavailable() -> None:
    def transport(request: HttpRequest) -> HttpResponse:
        raise TransportError("reset", sent=True)

    with pytest.raises(ProviderUnavailableError):
        ApiSports(transport, "http://x/{host}", lambda: "k", HandClock(NOW)).games(SPORTS["hockey"], NOW.date())


def test_the_function_brings_scores_and_asks_for_a_sport_s_day_once(database_url: str) -> None:
    clock = HandClock(NOW)
    database = open_database(database_url, clock)
    games = [("epl", "Chelsea", "Arsenal"), ("efl_championship", "Coventry City", "Watford")]
    reports = [GameReport("test", home, league, home, away, START, NOW) for league, home, away in games]
    database.run(lambda session: store_games(session, Ids(clock, Random(1)), reports))
    asked: list[str] = []

    def transport(request: HttpRequest) -> HttpResponse:
        asked.append(request.url)
        return HttpResponse(200, {"x-ratelimit-requests-remaining": "99"}, envelope(football()))

    event = json.loads((EVENTS / "feed_api_sports.json").read_text())
    results = []
    for url in ("", "http://api/{host}"):
        environ = {"DATABASE_URL": database_url, "API_SPORTS_BASE_URL": url, "API_SPORTS_KEY": "key"}
        environment = build(environ, clock=clock, random=Random(1), transport=transport)
        with installed(environment):
            results.append(handler(event, None))
        environment.database.close()

    with database.read() as session:
        row = session.one("SELECT home_score, away_score, final FROM game_scores WHERE provider = 'api_sports'")
        usage = UsageRepository(session).month("api_sports", NOW)
    database.close()
    assert "disabled" in results[0]
    assert (results[1]["documents"], results[1]["requests"], len(asked)) == (2, 1, 2)
    assert row == {"home_score": 2, "away_score": 2, "final": 1}
    assert (usage.requests, usage.remaining) == (2, 99)

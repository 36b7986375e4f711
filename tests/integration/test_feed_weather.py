"""The weather feed end to end: a provider over HTTP, the real function's code, a real database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from dbsbm.core.errors import ProviderError
from dbsbm.core.ids import Ids
from dbsbm.core.transport import PooledTransport
from dbsbm.database.database import Database
from dbsbm.environment import installed
from dbsbm.games.feed.usage import UsageRepository
from dbsbm.games.model import GameReport
from dbsbm.games.service import store_games
from dbsbm.games.weather.model import Forecast
from dbsbm.games.weather.repository import WeatherRepository
from dbsbm.providers.errors import ProviderKeyError, ProviderQuotaError
from dbsbm.providers.weather_api import PROVIDER, WeatherApi
from dbsbm.providers.weather_feed import WeatherFeed, WeatherRun
from dbsbm.wiring import build
from feed_weather.handler import handler
from local.demo.slate import DemoSlate
from local.providers.odds_api import OddsApiProvider
from local.providers.server import Fault, ProviderServer
from tests.integration.moments import HandClock, open_database

EVENTS = Path(__file__).resolve().parents[2] / "events"
NOW = datetime(2026, 9, 13, 12, 0, tzinfo=UTC)


class Sky:
    """Games at stadiums, a weather provider behind a socket, and the feed."""

    def __init__(self, database_url: str) -> None:
        self.clock = HandClock(NOW)
        self.server = ProviderServer(OddsApiProvider(DemoSlate(NOW), self.clock))
        self.database: Database = open_database(database_url, self.clock)
        self.ids = Ids(self.clock, Random(1))
        api = WeatherApi(PooledTransport(), self.server.url, lambda: "key", self.clock, timeout_s=0.5)
        self.feed = WeatherFeed(api, self.database, self.clock, 3)

    def game(self, home: str, hours: float, league: str = "nfl") -> int:
        starts = self.clock.now() + timedelta(hours=hours)
        report = GameReport("test", f"{home} {hours}", league, home, "Somebody", starts, self.clock.now())
        self.database.run(lambda session: store_games(session, self.ids, [report]))
        with self.database.read() as session:
            row = session.one("SELECT game_id FROM games WHERE home = %s AND starts_at = %s", (home, starts))
        assert row is not None
        return int(row["game_id"])

    def forecast(self, game_id: int) -> Forecast | None:
        with self.database.read() as session:
            return WeatherRepository(session).forecast(game_id)

    def run(self, **later: float) -> WeatherRun:
        self.clock.move(timedelta(**later).total_seconds())
        return self.feed.run()


@pytest.fixture
def sky(database_url: str) -> Iterator[Sky]:
    made = Sky(database_url)
    with made.server:
        yield made
    made.database.close()


def test_outdoor_games_within_the_plan_have_the_forecast_of_their_hour(sky: Sky) -> None:
    soon, far = sky.game("Green Bay Packers", 5.5), sky.game("Green Bay Packers", 80)
    dome, hall = sky.game("Detroit Lions", 5), sky.game("Boston Celtics", 5, "nba")

    done = sky.run()

    found = sky.forecast(soon)
    assert found is not None
    assert (found.venue, found.hour_at, found.fetched_at) == ("Lambeau Field", NOW + timedelta(hours=5), NOW)
    assert [sky.forecast(game) for game in (far, dome, hall)] == [None, None, None]
    assert (done.calls, done.forecasts, done.failures) == (1, 1, [])
    with sky.database.read() as session:
        assert UsageRepository(session).month(PROVIDER, sky.clock.now()).requests == 1


def test_games_at_one_stadium_share_a_call(sky: Sky) -> None:
    sky.game("New York Giants", 4)
    sky.game("New York Jets", 28)

    assert (sky.run().calls, sky.server.weather.calls) == (1, 1)


def test_a_forecast_is_renewed_the_oftener_the_nearer_the_start_and_at_once_for_a_moved_game(sky: Sky) -> None:
    game_id = sky.game("Green Bay Packers", 10)
    sky.run()
    assert sky.run(minutes=30).calls == 0
    assert sky.run(hours=3).calls == 1, "each three hours on the day"
    assert sky.run(hours=4).calls == 1
    assert sky.run(hours=1).calls == 1, "each hour in the last three"

    with sky.database.transaction() as session:
        session.execute("UPDATE games SET starts_at = starts_at + INTERVAL 4 HOUR WHERE game_id = %s", (game_id,))
    assert sky.run(minutes=1).calls == 1


@pytest.mark.parametrize(
    ("refusal", "error"),
    [((401, 2006, "API key is invalid."), ProviderKeyError), ((403, 2007, "quota"), ProviderQuotaError)],
)
def test_a_refused_key_or_quota_ends_the_run_at_once(
    sky: Sky, refusal: tuple[int, int, str], error: type[ProviderError]
) -> None:
    sky.game("Green Bay Packers", 4)
    sky.game("Chicago Bears", 4)
    sky.server.weather.refusal = refusal

    with pytest.raises(error):
        sky.run()
    assert sky.server.weather.calls == 1


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.CUT_JSON, Fault.TRUNCATED, Fault.ENCODING, Fault.SLOW])
def test_one_spoilt_answer_does_not_keep_the_others_out(sky: Sky, fault: Fault) -> None:
    sky.game("Green Bay Packers", 4)
    bears = sky.game("Chicago Bears", 5)
    sky.server.faults.append(fault)

    done = sky.run()

    assert (len(done.failures), done.forecasts) == (1, 1)
    assert sky.forecast(bears) is not None
    assert sky.run().failures == []


def test_the_function_asks_nobody_until_its_address_is_set(sky: Sky, database_url: str) -> None:
    sky.game("Green Bay Packers", 4)
    event = json.loads((EVENTS / "feed_weather.json").read_text())
    results = []
    for url in ("", sky.server.url):
        environ = {"DATABASE_URL": database_url, "WEATHER_API_BASE_URL": url, "WEATHER_API_KEY": "key"}
        environment = build(environ, clock=sky.clock, random=Random(1))
        with installed(environment):
            results.append(handler(event, None))
        environment.database.close()

    assert "disabled" in results[0]
    assert results[1]["forecasts"] == 1

"""Prices on players: asked for near the start and within the credits, kept as games' prices are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from dbsbm.betting.markets import Side
from dbsbm.games.feed.usage import UsageRepository, allowance
from dbsbm.games.model import Price
from dbsbm.games.props.repository import PropPriceRepository
from dbsbm.providers.odds_api import PROVIDER
from local.demo.slate import DemoSlate
from local.providers.server import Fault
from tests.integration.feed_season import Season

BEGINNING = datetime(2026, 11, 22, 12, tzinfo=UTC)
CHIEFS = "demo-202611221200-nfl-01"
ASKED = "/v4/sports/americanfootball_nfl/events/demo-202611221200-nfl-01/odds"


@pytest.fixture
def demo(database_url: str) -> Iterator[Season]:
    season = Season(database_url, DemoSlate(BEGINNING), BEGINNING)
    with season.server:
        yield season
    season.database.close()


def players(season: Season, player: str, stat: str) -> list[Price]:
    game_id = season.game(CHIEFS).game_id
    with season.database.read() as session:
        prices = PropPriceRepository(session).prices(game_id, player, stat)
    return sorted(prices, key=lambda price: (price.side, price.book))


def forget(season: Season) -> None:
    """As if no game's players had been asked for."""
    with season.database.transaction() as session:
        session.execute("DELETE FROM prop_fetches")


def count(season: Season, table: str) -> int:
    with season.database.read() as session:
        rows = session.all(f"SELECT COUNT(*) AS n FROM {table}")
    return int(rows[0]["n"])


def test_players_of_games_about_to_begin_have_prices(demo: Season) -> None:
    done = demo.run_at(BEGINNING)

    assert (done.players, done.problems, done.failures) == (2, [], [])
    over, under = players(demo, "Travis Kelce", "receptions")
    assert (over.side, over.book, over.line_q, over.odds.price) == (Side.OVER, "draftkings", 18, Fraction(101, 50))
    assert (under.side, under.line_q, under.odds.price) == (Side.UNDER, 18, Fraction(58, 33))
    passing = [price for price in players(demo, "Patrick Mahomes", "passing_yards") if price.side is Side.OVER]
    assert [(price.book, price.line_q) for price in passing] == [("draftkings", 1074), ("fanduel", 1078)]
    assert [price.side for price in players(demo, "Travis Kelce", "anytime_touchdown")] == [Side.YES, Side.YES]


def test_a_game_is_asked_for_again_only_when_the_plan_says_so(demo: Season) -> None:
    demo.run_at(BEGINNING)
    snapshots = count(demo, "odds_snapshots")
    demo.run_at(BEGINNING + timedelta(minutes=4))
    assert demo.provider.requests.count(ASKED) == 1

    demo.clock.set(BEGINNING + timedelta(minutes=5, seconds=59))
    demo.feed.run()
    demo.clock.set(BEGINNING + timedelta(minutes=7))
    demo.feed.run()

    assert demo.provider.requests.count(ASKED) == 1, "it has begun"
    assert count(demo, "odds_snapshots") == snapshots, "what did not change is not stored again"


def test_a_price_that_is_gone_is_taken_down_and_one_that_came_back_stands_again(demo: Season) -> None:
    demo.run_at(BEGINNING)
    source = demo.provider.source

    class Without(DemoSlate):
        def players(self, sport_key: str, event_id: str, now: datetime) -> list[dict[str, object]]:
            return [book for book in super().players(sport_key, event_id, now) if book["key"] != "fanduel"]

    forget(demo)
    demo.provider.source = Without(BEGINNING)
    demo.run_at(BEGINNING + timedelta(minutes=2))
    assert {price.book for price in players(demo, "Patrick Mahomes", "passing_yards")} == {"draftkings"}
    forget(demo)
    demo.provider.source = source
    demo.run_at(BEGINNING + timedelta(minutes=4))

    assert {price.book for price in players(demo, "Patrick Mahomes", "passing_yards")} == {"draftkings", "fanduel"}


def test_credits_are_counted_by_market_and_region_and_leave_a_day_for_games(demo: Season) -> None:
    without = replace(demo.feed, budget=30).run()
    assert (without.players, without.saved > 0) == (0, True)

    demo.clock.move(timedelta(minutes=1).total_seconds())
    done = replace(demo.feed, budget=60_000).run()

    assert done.players == 2
    with demo.database.read() as session:
        spent = UsageRepository(session).month(PROVIDER, demo.clock.now()).credits
    assert spent == demo.provider._used, "what the provider counts, we count"
    assert spent <= allowance(60_000, demo.clock.now())


@pytest.mark.parametrize(
    "fault", [Fault.RATE, Fault.ERROR, Fault.CUT_JSON, Fault.ENCODING, Fault.TRUNCATED, Fault.RESET]
)
def test_a_fault_is_written_down_and_the_next_run_asks_again(demo: Season, fault: Fault) -> None:
    demo.run_at(BEGINNING)
    asked = len(demo.provider.requests)
    demo.run_at(BEGINNING + timedelta(minutes=1))
    before_players = len(demo.provider.requests) - asked
    forget(demo)
    demo.server.faults.extend([*[None] * before_players, fault])

    broken = demo.run_at(BEGINNING + timedelta(minutes=2))
    whole = demo.run_at(BEGINNING + timedelta(minutes=3))

    assert (broken.players, len(broken.failures)) == (1, 1)
    assert "key" not in broken.failures[0]
    assert (whole.players, whole.failures) == (1, [])
    assert players(demo, "Patrick Mahomes", "passing_yards")

"""The price check's window to the second: five minutes before the click to one minute after, whenever it is made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

import pytest

from dbsbm.bets.model import PriceCheck, Selection
from dbsbm.bets.offers import offered_around
from dbsbm.bets.price_check import check
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds
from dbsbm.core.ids import Ids
from dbsbm.database.database import Database
from dbsbm.games.model import GameReport, Offer
from dbsbm.games.repository import GameRepository
from dbsbm.games.service import store_games
from tests.integration.moments import MONDAY, HandClock, open_database

CLICK = MONDAY + timedelta(hours=5)
START = MONDAY + timedelta(days=3)
AWAY = frozenset({Market.SPREAD})


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = open_database(database_url, HandClock())
    yield database
    database.close()


def seen(database: Database, at: datetime, american: int | None) -> None:
    """The book offers the Chiefs −3 at this price, or nothing any more."""
    own = [] if american is None else [Offer("book", Market.SPREAD, Side.AWAY, -12, Odds.from_american(american), at)]
    other = Offer("other", Market.SPREAD, Side.AWAY, -12, Odds.from_american(-125), at)
    report = GameReport("one", "g", "nfl", "Raiders", "Chiefs", START, at, [*own, other], AWAY)
    database.run(lambda session: store_games(session, Ids(HandClock(), Random(1)), [report]))


def verdict(database: Database, american: int = -105) -> PriceCheck:
    with database.read() as session:
        games = GameRepository(session)
        game = games.game(games.find_source("one", "g") or 0)
        pick = Selection.of(game, Market.SPREAD, Side.AWAY, -12, Odds.from_american(american))
        return check(pick, offered_around(session, pick, CLICK), CLICK)


def test_a_price_that_ended_five_minutes_before_counts_and_a_second_earlier_not(database: Database) -> None:
    seen(database, CLICK - timedelta(minutes=20), -105)
    seen(database, CLICK - timedelta(minutes=5), -115)
    assert verdict(database) is PriceCheck.VERIFIED
    seen(database, CLICK - timedelta(minutes=5, seconds=1), -116)
    assert verdict(database) is PriceCheck.UNSEEN


@pytest.mark.parametrize(("later_s", "word"), [(60, PriceCheck.VERIFIED), (61, PriceCheck.UNSEEN)])
def test_a_price_that_came_up_to_a_minute_after_counts(database: Database, later_s: int, word: PriceCheck) -> None:
    seen(database, CLICK - timedelta(minutes=20), -115)
    seen(database, CLICK + timedelta(seconds=later_s), -105)
    assert verdict(database) is word


def test_a_check_that_is_made_later_comes_to_the_same(database: Database) -> None:
    seen(database, CLICK - timedelta(minutes=2), -105)
    assert verdict(database) is PriceCheck.VERIFIED
    seen(database, CLICK + timedelta(minutes=2), -105)
    assert verdict(database) is PriceCheck.VERIFIED
    seen(database, CLICK + timedelta(minutes=9), None)
    assert verdict(database) is PriceCheck.VERIFIED, "it stood around the click, whatever became of it"

"""Sports days and price checks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dbsbm.bets.days import sports_day
from dbsbm.bets.model import PriceCheck, Selection
from dbsbm.bets.price_check import best, check
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds
from dbsbm.games.model import Price

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 9, 13, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "day"),
    [
        (datetime(2026, 9, 14, 0, 20, tzinfo=UTC), date(2026, 9, 13)),
        (datetime(2026, 9, 14, 8, 59, tzinfo=UTC), date(2026, 9, 13)),
        (datetime(2026, 9, 14, 9, 0, tzinfo=UTC), date(2026, 9, 14)),
        (datetime(2026, 11, 1, 9, 59, tzinfo=UTC), date(2026, 10, 31)),
        (datetime(2026, 11, 1, 10, 0, tzinfo=UTC), date(2026, 11, 1)),
    ],
)
def test_a_sports_day_ends_at_five_in_the_morning_local_time(start: datetime, day: date) -> None:
    assert sports_day(start, NEW_YORK) == day


def selection(american: int, line_q: int = -12, market: Market = Market.SPREAD, side: Side = Side.AWAY) -> Selection:
    odds = Odds.from_american(american)
    return Selection(1, "nfl", "Raiders", "Chiefs", NOW + timedelta(hours=9), market, side, line_q, odds)


def offer(american: int, line_q: int = -12, market: Market = Market.SPREAD, side: Side = Side.AWAY) -> Price:
    return Price(1, "book", market, side, line_q, Odds.from_american(american), NOW - timedelta(minutes=5))


@pytest.mark.parametrize(
    ("bet", "offered", "verdict"),
    [
        (selection(-110), [offer(-110)], "verified"),
        (selection(-110), [offer(-105)], "verified"),
        (selection(-110), [offer(-110, line_q=-10)], "verified"),
        (selection(-108), [offer(-110)], "near"),
        (selection(-110, line_q=-12), [offer(-110, line_q=-14)], "near"),
        (selection(+120), [offer(-110)], "unseen"),
        (selection(-110, line_q=-4), [offer(-110)], "unseen"),
        (selection(-110), [], "unchecked"),
        (selection(-110), [offer(-110, side=Side.HOME)], "unchecked"),
        (selection(-110, 178, Market.TOTAL, Side.OVER), [offer(-110, 180, Market.TOTAL, Side.OVER)], "near"),
        (selection(-110, 180, Market.TOTAL, Side.OVER), [offer(-110, 178, Market.TOTAL, Side.OVER)], "verified"),
        (selection(-110, 180, Market.TOTAL, Side.UNDER), [offer(-110, 178, Market.TOTAL, Side.UNDER)], "near"),
    ],
)
def test_a_price_is_compared_with_what_could_be_had(bet: Selection, offered: list[Price], verdict: str) -> None:
    assert check(bet, offered, NOW) is PriceCheck(verdict)


def test_an_old_price_says_nothing() -> None:
    assert check(selection(-110), [offer(-110)], NOW + timedelta(hours=1)) is PriceCheck.UNCHECKED


def test_the_best_price_is_of_the_same_line() -> None:
    found = best(selection(-110), [offer(-115), offer(-108), offer(+150, line_q=-28)])
    assert found is not None
    assert found.odds == Odds.from_american(-108)

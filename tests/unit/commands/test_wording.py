"""How teams, times and amounts read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from dbsbm.bets.model import Selection
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds, OddsFormat
from dbsbm.betting.stakes import Stake, StakeMode
from dbsbm.commands import wording
from dbsbm.commands.words.catalogue import Words

NOW = datetime(2026, 9, 13, 15, 0, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")


def selection(league: str, home: str, away: str, market: Market, side: Side, *, line_q: int = 0) -> Selection:
    return Selection(1, league, home, away, NOW, market, side, line_q, Odds.from_american(-110))


@pytest.mark.parametrize(
    ("chosen", "pick", "matchup", "letters"),
    [
        (
            selection("nfl", "Las Vegas Raiders", "Kansas City Chiefs", Market.SPREAD, Side.AWAY, line_q=-14),
            "Chiefs −3.5",
            "Chiefs @ Raiders",
            "KC @ LV",
        ),
        (
            selection("mlb", "Boston Red Sox", "Toronto Blue Jays", Market.MONEYLINE, Side.HOME),
            "Red Sox ML",
            "Blue Jays @ Red Sox",
            "TOR @ BOS",
        ),
        (
            selection("efl_championship", "Stoke City", "Leeds United", Market.MONEYLINE_3WAY, Side.DRAW),
            "Draw",
            "Stoke City v Leeds United",
            "Stoke City v Leeds United",
        ),
        (
            selection("nfl", "A Team", "B Team", Market.TOTAL, Side.OVER, line_q=178),
            "Over 44.5",
            "B Team @ A Team",
            "B Team @ A Team",
        ),
        (
            selection("nfl", "A Team", "B Team", Market.SPREAD, Side.HOME, line_q=0),
            "A Team PK",
            "B Team @ A Team",
            "B Team @ A Team",
        ),
    ],
)
def test_a_pick_reads_as_people_say_it(chosen: Selection, pick: str, matchup: str, letters: str) -> None:
    assert wording.pick_name(chosen, Words()) == pick
    assert wording.matchup(chosen) == matchup
    assert wording.matchup_letters(chosen) == letters


@pytest.mark.parametrize(
    ("ahead", "shown"),
    [
        (timedelta(hours=9, minutes=20), "8:20 PM"),
        (timedelta(days=1), "Mon 11:00 AM"),
        (timedelta(days=30), "Oct 13 11:00 AM"),
        (timedelta(days=-30), "Aug 14 11:00 AM"),
    ],
)
def test_a_time_is_as_short_as_it_is_clear(ahead: timedelta, shown: str) -> None:
    assert wording.clock_time(NOW + ahead, NEW_YORK, NOW, Words()) == shown


def test_amounts_carry_a_true_minus() -> None:
    assert (wording.profit(1_818_182), wording.profit(-2_000_000), wording.profit(0)) == ("+1.82u", "−2u", "0u")
    assert wording.percent(Fraction(-1, 8)) == "−12.5%"
    assert wording.percent(None) == wording.gain(None) == "–"
    assert (wording.gain(Fraction(1, 8)), wording.gain(Fraction(-1, 8))) == ("+12.5%", "−12.5%")
    assert wording.price(Odds.from_american(-110), OddsFormat.AMERICAN) == "−110"


def test_the_stake_reads_as_it_was_meant() -> None:
    odds = Odds.from_american(-150)
    assert wording.staked(Stake.of(StakeMode.RISK, 1_500_000, odds), Words()) == "1.5u"
    assert wording.staked(Stake.of(StakeMode.TO_WIN, 1_000_000, odds), Words()) == "1u to win"
    assert wording.staked(Stake.of(StakeMode.BASE_UNIT, 1_000_000, odds), Words()) == "1u base"

"""What a board of cappers is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

FIRST = date(1970, 1, 1)
_LAST = date(9999, 12, 31)
_CALENDAR_YEAR = frozenset({"mlb", "wnba", "mls"})
"""Leagues that play within one calendar year; everybody else's season begins in late summer."""
_SEASON_MONTH = 8


class Category(StrEnum):
    """Bets that may be compared with each other; only ``PRICED`` ones stand on the main board."""

    PRICED = "priced"
    UNSEEN = "unseen"
    LIVE = "live"
    MANUAL = "manual"
    IMPORTED = "imported"


class Period(StrEnum):
    WEEK = "week"
    MONTH = "month"
    SEASON = "season"
    ALL = "all"


class Span(StrEnum):
    """How long one row of sums is."""

    DAY = "day"
    MONTH = "month"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Stretch:
    """The rows of sums that make up a period: those of ``span`` that begin from ``first`` to ``last``."""

    span: Span
    first: date
    last: date

    @property
    def until(self) -> date:
        """The last day of the last row."""
        if self.span is not Span.MONTH:
            return self.last
        return (self.last.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


EVER = Stretch(Span.ALL, FIRST, _LAST)


@dataclass(frozen=True, slots=True)
class Total:
    """Sums of one capper. ``bets`` counts the graded without the void; amounts in micro-units.

    ``flat_micro`` is the profit had every bet risked one unit, each bet's cut off (towards zero) to a micro-unit.
    """

    capper_id: int
    name: str
    bets: int
    won: int
    half_won: int
    lost: int
    half_lost: int
    pushed: int
    voided: int
    risk_micro: int
    profit_micro: int
    flat_micro: int


def stretch(period: Period, today: date, league: str = "") -> Stretch:
    """The present week (from Monday), month, season or all time, as of a sports day."""
    match period:
        case Period.WEEK:
            first = today - timedelta(days=today.weekday())
            return Stretch(Span.DAY, first, first + timedelta(days=6))
        case Period.MONTH:
            return Stretch(Span.MONTH, today.replace(day=1), today.replace(day=1))
        case Period.SEASON:
            first = _season_start(today, league)
            return Stretch(Span.MONTH, first, today.replace(day=1))
        case Period.ALL:
            return EVER


def _season_start(today: date, league: str) -> date:
    if league in _CALENDAR_YEAR:
        return date(today.year, 1, 1)
    year = today.year if today.month >= _SEASON_MONTH else today.year - 1
    return date(year, _SEASON_MONTH, 1)

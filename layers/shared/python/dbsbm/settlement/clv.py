"""Closing line value of bets: what a price was worth against the market's last word before play, without its margin.

The close is the last pre-play price of a reference book that priced every side of the market; a stale one is none. On
the same line the value is d · p_fair − 1. When the line moved, the bet's line is valued by the league's table of final
margins (``betting/data/margins.json``), or at another book that closed on the bet's line; otherwise there is no
comparable close. Where there is no value the reason is kept, never a zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, localcontext
from fractions import Fraction
from math import prod

from dbsbm.bets.leagues import catalogue_id
from dbsbm.betting.closing import table_line_value, ticket_clv
from dbsbm.betting.fair import PRECISION, Method, fair
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds
from dbsbm.core.errors import InputError
from dbsbm.settlement.model import BetValue, ClosingLine, LegValue

REFERENCE_BOOKS = ("pinnacle", "consensus")
"""Whose close counts first; after them the book with the lowest margin. Pinnacle's no-vig close is what the field
measures against (trackbet.io, "CLV stats & analytics")."""

_METHODS = {Market.MONEYLINE: Method.POWER, Market.MONEYLINE_3WAY: Method.POWER}
"""Prices far from even need a method that knows the longshot bias; two sides near -110 are the same by any."""

_TEAM_TOTALS = ((Side.HOME_OVER, Side.HOME_UNDER), (Side.AWAY_OVER, Side.AWAY_UNDER))
_SIDES: dict[Market, tuple[tuple[Side, ...], ...]] = {
    Market.MONEYLINE: ((Side.HOME, Side.AWAY),),
    Market.MONEYLINE_3WAY: ((Side.HOME, Side.DRAW, Side.AWAY),),
    Market.DRAW_NO_BET: ((Side.HOME, Side.AWAY),),
    Market.SPREAD: ((Side.HOME, Side.AWAY),),
    Market.TOTAL: ((Side.OVER, Side.UNDER),),
    Market.TEAM_TOTAL: _TEAM_TOTALS,
    Market.PLAYER_PROP: ((Side.OVER, Side.UNDER), (Side.YES, Side.NO)),
}
"""The sides that together are the whole market, so that a margin can be taken out."""


@dataclass(frozen=True, slots=True)
class ValuedLeg:
    """A leg as its closing line value needs it. ``priced_at`` is when the bet took its price."""

    league: str
    market: Market
    side: Side
    line_q: int
    odds: Odds
    priced_at: datetime


@dataclass(frozen=True, slots=True)
class _Book:
    """A book's fresh and complete close: its line of one side and that side's fair chance."""

    close: ClosingLine
    chance: Decimal
    overround: Decimal


@dataclass(frozen=True, slots=True)
class GameClose:
    """A game's closing lines with what has been reckoned from them so far: many bets ask for the same side."""

    closed_at: datetime
    lines: Sequence[ClosingLine]
    _books: dict[tuple[Market, Side], list[_Book] | str] = field(default_factory=dict)

    def value(self, leg: ValuedLeg) -> LegValue:
        """The leg's value under this close, or the reason why it has none."""
        if leg.priced_at >= self.closed_at:
            return LegValue(None, "live")
        key = (leg.market, leg.side)
        if key not in self._books:
            self._books[key] = _books(self.lines, leg.market, leg.side)
        books = self._books[key]
        return LegValue(None, books) if isinstance(books, str) else _valued(leg, books)


def _valued(leg: ValuedLeg, books: Sequence[_Book]) -> LegValue:
    reference = books[0]
    if reference.close.line_q != leg.line_q:
        moved = _by_table(leg, reference)
        if moved is not None:
            return moved
    same_line = next((book for book in books if book.close.line_q == leg.line_q), None)
    if same_line is None:
        return LegValue(None, "line_moved", close=reference.close)
    with localcontext() as context:
        context.prec = PRECISION
        value = same_line.chance * leg.odds.num / leg.odds.den - 1
    close = same_line.close
    return LegValue(value, "", close.book, _method(leg.market).value, close, same_line.chance)


def _by_table(leg: ValuedLeg, reference: _Book) -> LegValue | None:
    """By the table of final margins, which knows spreads alone."""
    if leg.market is not Market.SPREAD:
        return None
    close = reference.close
    chance = Fraction(reference.chance)
    found = table_line_value(catalogue_id(leg.league), leg.line_q, close.line_q, leg.odds, chance)
    if found is None:
        return None
    method = f"{_method(leg.market).value}+margins"
    return LegValue(found.value, "", close.book, method, close, found.win)


def _books(lines: Sequence[ClosingLine], market: Market, side: Side) -> list[_Book] | str:
    """Every book's fresh complete close of a side, the reference first, or why there is none."""
    sides = next((group for group in _SIDES.get(market, ()) if side in group), None)
    if sides is None:
        return "no_fair_market"
    offered = [line for line in lines if line.market is market and line.side in sides]
    if not offered:
        return "no_close"
    fresh = [line for line in offered if not line.stale]
    if not fresh:
        return "stale"
    by_book: dict[str, dict[Side, ClosingLine]] = {}
    for line in fresh:
        by_book.setdefault(line.book, {})[line.side] = line
    found = [book for book in (_book(each, sides, side) for each in by_book.values()) if book is not None]
    return sorted(found, key=_by_reference) if found else "incomplete"


def _book(offered: dict[Side, ClosingLine], sides: tuple[Side, ...], side: Side) -> _Book | None:
    if len(offered) < len(sides) or not _one_line(offered):
        return None
    market = offered[side].market
    try:
        without_margin = fair([offered[each].odds for each in sides], _method(market))
    except InputError:
        return None  # prices that sum to less than certainty say nothing about what is fair
    return _Book(offered[side], without_margin.probabilities[sides.index(side)], without_margin.overround)


def _one_line(offered: dict[Side, ClosingLine]) -> bool:
    lines = {line.side: line.line_q for line in offered.values()}
    if Side.HOME in lines and Side.AWAY in lines:
        return lines[Side.HOME] == -lines[Side.AWAY]
    return len(set(lines.values())) == 1


def _by_reference(book: _Book) -> tuple[int, Decimal, str]:
    name = book.close.book
    place = REFERENCE_BOOKS.index(name) if name in REFERENCE_BOOKS else len(REFERENCE_BOOKS)
    return place, book.overround, name


def _method(market: Market) -> Method:
    return _METHODS.get(market, Method.MULTIPLICATIVE)


@dataclass(frozen=True, slots=True)
class LegFactor:
    """A leg of a ticket: its decimal price and its value, as stored."""

    game_id: int
    price: Fraction
    value: Decimal | None
    reason: str


def ticket_value(kind: str, price: Fraction | None, legs: Sequence[LegFactor]) -> BetValue:
    """The value of a ticket: the product of its legs, at its own ``price`` where it has one; only if each leg has one.

    None for legs of one game, whose chances do not multiply, and for teasers and round robins.
    """
    missing = next((leg for leg in legs if leg.value is None), None)
    if missing is not None:
        return BetValue(None, missing.reason)
    if len(legs) == 1:
        return BetValue(legs[0].value, "")
    if kind != "parlay":
        return BetValue(None, "ticket_kind")
    if len({leg.game_id for leg in legs}) < len(legs):
        return BetValue(None, "same_game")
    together = ticket_clv([Fraction(leg.value) for leg in legs if leg.value is not None])
    product = 1 + (together or Fraction(0))
    if price is not None:
        product *= price / prod((leg.price for leg in legs), start=Fraction(1))
    with localcontext() as context:
        context.prec = PRECISION
        return BetValue(Decimal(product.numerator) / product.denominator - 1, "")

"""Whether a bet's price could be had when it was posted (PRODUCT: price check)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction

from dbsbm.bets.model import PriceCheck, Selection
from dbsbm.betting.markets import Side
from dbsbm.games.model import Price

STALE = timedelta(minutes=30)
"""A price last seen longer ago than this says nothing about what is offered now."""
_NEAR_PRICE = Fraction(102, 100)
_NEAR_LINE_Q = 2
BEFORE = timedelta(minutes=5)
AFTER = timedelta(minutes=1)
"""A price that stood at any moment so shortly before or after the click could be had: feeds are not to the second."""


def check(selection: Selection, prices: Iterable[Price], at: datetime) -> PriceCheck:
    """Compare with what the books offered from ``BEFORE`` to ``AFTER`` the click at ``at``.

    Verified: a book had this side and line at this price or better. Near: at most 2 % better than the best such
    price, or a line at most half a point better. Unchecked: no fresh price of this side at all.
    """
    fresh = [price for price in prices if _same_side(price, selection) and price.taken_at >= at - STALE]
    if not fresh:
        return PriceCheck.UNCHECKED
    wanted = selection.odds.price
    at_line = [price.odds.price for price in fresh if _points_better(selection, price) <= 0]
    if any(offered >= wanted for offered in at_line):
        return PriceCheck.VERIFIED
    near_line = [price.odds.price for price in fresh if _points_better(selection, price) <= _NEAR_LINE_Q]
    if any(offered >= wanted for offered in near_line):
        return PriceCheck.NEAR
    if any(offered * _NEAR_PRICE >= wanted for offered in at_line):
        return PriceCheck.NEAR
    return PriceCheck.UNSEEN


def best(selection: Selection, prices: Iterable[Price]) -> Price | None:
    """The best price offered for exactly this side and line."""
    offered = [price for price in prices if _same_side(price, selection) and price.line_q == selection.line_q]
    return max(offered, key=lambda price: (price.odds.price, price.book), default=None)


def _same_side(price: Price, selection: Selection) -> bool:
    return (price.game_id, price.market, price.side) == (selection.game_id, selection.market, selection.side)


def _points_better(selection: Selection, price: Price) -> int:
    """Quarter points by which the bet's line is easier than the book's: more points for a side, fewer for an over."""
    difference = selection.line_q - price.line_q
    return -difference if selection.side is Side.OVER else difference

"""How a game's lines and prices moved: one step curve per market, the middle of the books that stood at each moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from dbsbm.betting.markets import Market, Side

MAX_POINTS = 120
CHARTED = (
    (Market.SPREAD, Side.HOME),
    (Market.TOTAL, Side.OVER),
    (Market.MONEYLINE, Side.HOME),
    (Market.MONEYLINE_3WAY, Side.HOME),
)
"""One side tells the whole: the other one mirrors it."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A book's state from ``taken_at`` on; ``price`` is None where it took the price down."""

    book: str
    market: Market
    side: Side
    taken_at: datetime
    line_q: int
    price: Fraction | None


@dataclass(frozen=True, slots=True)
class Curve:
    """A market's steps: at each moment the line in quarter points, or the decimal price where there is no line."""

    market: Market
    side: Side
    points: tuple[tuple[datetime, Fraction], ...]


def curves(snapshots: Iterable[Snapshot]) -> list[Curve]:
    """The markets that are charted, in their order, as far as there is history. ``snapshots`` oldest first."""
    by_market: dict[tuple[Market, Side], list[Snapshot]] = {}
    for snapshot in snapshots:
        by_market.setdefault((snapshot.market, snapshot.side), []).append(snapshot)
    return [
        Curve(market, side, points) for market, side in CHARTED if (points := _steps(by_market.get((market, side), ())))
    ]


def _steps(snapshots: Sequence[Snapshot]) -> tuple[tuple[datetime, Fraction], ...]:
    standing: dict[str, Fraction] = {}
    points: list[tuple[datetime, Fraction]] = []
    for snapshot in snapshots:
        if snapshot.price is None:
            standing.pop(snapshot.book, None)
        else:
            lined = snapshot.market in (Market.SPREAD, Market.TOTAL)
            standing[snapshot.book] = Fraction(snapshot.line_q) if lined else snapshot.price
        if not standing:
            continue
        middle = sorted(standing.values())[(len(standing) - 1) // 2]
        if points and points[-1][0] == snapshot.taken_at:
            points.pop()
        if not points or points[-1][1] != middle:
            points.append((snapshot.taken_at, middle))
    return tuple(_thinned(points))


def _thinned(points: Sequence[tuple[datetime, Fraction]]) -> Sequence[tuple[datetime, Fraction]]:
    """At most MAX_POINTS: the first, the last, and evenly between."""
    if len(points) <= MAX_POINTS:
        return points
    return [points[n * (len(points) - 1) // (MAX_POINTS - 1)] for n in range(MAX_POINTS)]

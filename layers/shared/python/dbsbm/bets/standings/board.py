"""Who stands where: by the shrunk ROI, so that a short lucky run cannot top the board."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from dbsbm.bets.standings.model import Total
from dbsbm.betting.rating import MINIMUM_BETS, shrunk_roi


@dataclass(frozen=True, slots=True)
class Standing:
    """One line of the board. ``place`` counts from 1, equal ones share it."""

    place: int
    total: Total
    shrunk_roi: Fraction

    @property
    def roi(self) -> Fraction | None:
        return Fraction(self.total.profit_micro, self.total.risk_micro) if self.total.risk_micro else None


@dataclass(frozen=True, slots=True)
class Board:
    """``ranked`` in order; ``waiting`` have too few bets yet, those with most first."""

    ranked: tuple[Standing, ...]
    waiting: tuple[Total, ...]


def missing(total: Total) -> int:
    """How many more graded bets it takes to be ranked."""
    return max(0, MINIMUM_BETS - total.bets)


def board(totals: Iterable[Total]) -> Board:
    """The board of some totals."""
    every = list(totals)
    enough = sorted(
        ((shrunk_roi(total.risk_micro, total.profit_micro), total) for total in every if not missing(total)),
        key=lambda pair: (-pair[0], -pair[1].bets, pair[1].capper_id),
    )
    ranked: list[Standing] = []
    for number, (rate, total) in enumerate(enough, start=1):
        place = ranked[-1].place if ranked and ranked[-1].shrunk_roi == rate else number
        ranked.append(Standing(place, total, rate))
    waiting = sorted((total for total in every if missing(total)), key=lambda total: (-total.bets, total.capper_id))
    return Board(tuple(ranked), tuple(waiting))

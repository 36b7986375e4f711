"""A capper's record in figures, from the ledger's sums: exact, no rounding before display."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, takewhile

from dbsbm.bets.record.repository import BetResult
from dbsbm.bets.standings.model import Total
from dbsbm.betting.settlement import Grade
from dbsbm.betting.stakes import MICRO
from dbsbm.betting.statistics import LOSING, WINNING, win_rate


@dataclass(frozen=True, slots=True)
class Record:
    """Counts, sums in micro-units, and rates as exact fractions; a rate without a bet is None.

    ``streak`` counts the newest bets of one kind: above 0 won, below 0 lost. ``curve`` is cumulative units
    after each of the newest bets.
    """

    counts: dict[Grade, int]
    risk_micro: int
    profit_micro: int
    roi: Fraction | None
    win_rate: Fraction | None
    streak: int
    form: tuple[Grade, ...]
    curve: tuple[float, ...]

    @property
    def bets(self) -> int:
        return sum(self.counts.values())


def record(total: Total | None, newest: Sequence[BetResult]) -> Record:
    """A record from a capper's sums and the newest results among them, newest first.

    ROI = profit ÷ risk of graded bets, pushes in, voids out. Win rate = (W + ½HW) ÷ (W + L + ½HW + ½HL).
    """
    if total is None:
        return _record({}, 0, 0, newest)
    counts = {
        Grade.WON: total.won,
        Grade.HALF_WON: total.half_won,
        Grade.LOST: total.lost,
        Grade.HALF_LOST: total.half_lost,
        Grade.PUSH: total.pushed,
        Grade.VOID: total.voided,
    }
    return _record(counts, total.risk_micro, total.profit_micro, newest)


def _record(counts: dict[Grade, int], risk: int, profit: int, newest: Sequence[BetResult]) -> Record:
    oldest_first = [result.profit_micro for result in reversed(newest)]
    cumulative = accumulate(oldest_first, initial=profit - sum(oldest_first))
    return Record(
        counts=counts,
        risk_micro=risk,
        profit_micro=profit,
        roi=Fraction(profit, risk) if risk else None,
        win_rate=win_rate(counts),
        streak=_streak([result.grade for result in newest]),
        form=tuple(result.grade for result in reversed(newest)),
        curve=tuple(float(Fraction(total, MICRO)) for total in cumulative)[1:],
    )


def _streak(newest: Sequence[Grade]) -> int:
    """Pushes and voids neither end nor lengthen a streak."""
    decided = [grade for grade in newest if grade in WINNING or grade in LOSING]
    if not decided:
        return 0
    kind = WINNING if decided[0] in WINNING else LOSING
    length = len(list(takewhile(lambda grade: grade in kind, decided)))
    return length if kind is WINNING else -length

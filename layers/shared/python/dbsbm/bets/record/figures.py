"""A capper's record in figures, from the ledger's sums: exact, no rounding before display."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, takewhile

from dbsbm.bets.record.repository import BetResult, GradeTotal
from dbsbm.betting.settlement import Grade

_WINNING = frozenset({Grade.WON, Grade.HALF_WON})
_LOSING = frozenset({Grade.LOST, Grade.HALF_LOST})
_MICRO = 1_000_000


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


def record(totals: Sequence[GradeTotal], newest: Sequence[BetResult]) -> Record:
    """A record from its ledger sums and its newest results, newest first.

    ROI = profit ÷ risk of graded bets, pushes in, voids out. Win rate = (W + ½HW) ÷ (W + L + ½HW + ½HL).
    """
    counts = {total.grade: total.bets for total in totals}
    counted = [total for total in totals if total.grade is not Grade.VOID]
    risk = sum(total.risk_micro for total in counted)
    profit = sum(total.profit_micro for total in counted)
    oldest_first = [result.profit_micro for result in reversed(newest)]
    cumulative = accumulate(oldest_first, initial=profit - sum(oldest_first))
    return Record(
        counts=counts,
        risk_micro=risk,
        profit_micro=profit,
        roi=Fraction(profit, risk) if risk else None,
        win_rate=_win_rate(counts),
        streak=_streak([result.grade for result in newest]),
        form=tuple(result.grade for result in reversed(newest)),
        curve=tuple(float(Fraction(total, _MICRO)) for total in cumulative)[1:],
    )


def _win_rate(counts: dict[Grade, int]) -> Fraction | None:
    won = counts.get(Grade.WON, 0) + Fraction(counts.get(Grade.HALF_WON, 0), 2)
    lost = counts.get(Grade.LOST, 0) + Fraction(counts.get(Grade.HALF_LOST, 0), 2)
    return won / (won + lost) if won + lost else None


def _streak(newest: Sequence[Grade]) -> int:
    """Pushes and voids neither end nor lengthen a streak."""
    decided = [grade for grade in newest if grade in _WINNING or grade in _LOSING]
    if not decided:
        return 0
    kind = _WINNING if decided[0] in _WINNING else _LOSING
    length = len(list(takewhile(lambda grade: grade in kind, decided)))
    return length if kind is _WINNING else -length

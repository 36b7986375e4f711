"""What a set of graded bets amounts to: record, units, ROI, win rate, streaks, drawdown, closing line value.

ROI = profit ÷ risk of graded bets, pushes in, voids out. Win rate = (W + ½HW) ÷ (W + L + ½HW + ½HL). A figure that has
no bet to stand on is None, never 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import TypeVar

from dbsbm.betting.outcome import Grade

Cut = TypeVar("Cut", bound=Hashable)
WINNING = frozenset({Grade.WON, Grade.HALF_WON})
LOSING = frozenset({Grade.LOST, Grade.HALF_LOST})


@dataclass(frozen=True, slots=True)
class GradedBet:
    """One standing grade. ``clv`` is the no-vig closing line value, None when no close was found."""

    bet_id: int
    decided_at: datetime
    grade: Grade
    risk_micro: int
    profit_micro: int
    clv: Fraction | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Statistics:
    """Sums in micro-units, rates exact. ``streak`` is above 0 for wins in a row up to now, below 0 for losses.

    ``drawdown_micro`` is the deepest fall of cumulative profit below an earlier height; ``flat_roi`` is the mean profit
    per unit when every bet risks the same. ``clv_bets`` of the bets have a closing line value, ``clv`` is their mean.
    """

    record: Mapping[Grade, int]
    risk_micro: int
    profit_micro: int
    roi: Fraction | None
    flat_roi: Fraction | None
    win_rate: Fraction | None
    streak: int
    longest_winning: int
    longest_losing: int
    drawdown_micro: int
    current_drawdown_micro: int
    clv: Fraction | None
    clv_bets: int

    @property
    def graded(self) -> int:
        """Bets that count: all but the void."""
        return sum(count for grade, count in self.record.items() if grade is not Grade.VOID)


def statistics(bets: Iterable[GradedBet]) -> Statistics:
    """Statistics of any bets, whatever their order."""
    ordered = sorted(bets, key=lambda bet: (bet.decided_at, bet.bet_id))
    counted = [bet for bet in ordered if bet.grade is not Grade.VOID]
    record = Counter(bet.grade for bet in ordered)
    risk = sum(bet.risk_micro for bet in counted)
    profit = sum(bet.profit_micro for bet in counted)
    streak, longest_winning, longest_losing = _streaks(counted)
    deepest, current = _drawdowns(counted)
    valued = [bet.clv for bet in counted if bet.clv is not None]
    flat = [Fraction(bet.profit_micro, bet.risk_micro) for bet in counted if bet.risk_micro]
    return Statistics(
        record=dict(record),
        risk_micro=risk,
        profit_micro=profit,
        roi=Fraction(profit, risk) if risk else None,
        flat_roi=sum(flat, Fraction(0)) / len(flat) if flat else None,
        win_rate=win_rate(record),
        streak=streak,
        longest_winning=longest_winning,
        longest_losing=longest_losing,
        drawdown_micro=deepest,
        current_drawdown_micro=current,
        clv=sum(valued, Fraction(0)) / len(valued) if valued else None,
        clv_bets=len(valued),
    )


def by_cut(bets: Iterable[GradedBet], key: Callable[[GradedBet], Cut]) -> dict[Cut, Statistics]:
    """Statistics of each part of the bets that ``key`` tells apart: league, market, month, price range …"""
    parts: dict[Cut, list[GradedBet]] = {}
    for bet in bets:
        parts.setdefault(key(bet), []).append(bet)
    return {cut: statistics(part) for cut, part in parts.items()}


def win_rate(record: Mapping[Grade, int]) -> Fraction | None:
    """(W + ½HW) ÷ (W + L + ½HW + ½HL), None without a decided bet."""
    won = record.get(Grade.WON, 0) + Fraction(record.get(Grade.HALF_WON, 0), 2)
    lost = record.get(Grade.LOST, 0) + Fraction(record.get(Grade.HALF_LOST, 0), 2)
    return won / (won + lost) if won + lost else None


def _streaks(ordered: list[GradedBet]) -> tuple[int, int, int]:
    """(current, longest winning, longest losing); a push neither ends nor lengthens a streak."""
    streak = winning = losing = 0
    for bet in ordered:
        if bet.grade in WINNING:
            streak = max(streak, 0) + 1
        elif bet.grade in LOSING:
            streak = min(streak, 0) - 1
        winning, losing = max(winning, streak), max(losing, -streak)
    return streak, winning, losing


def _drawdowns(ordered: list[GradedBet]) -> tuple[int, int]:
    """(deepest, current) fall below the highest cumulative profit so far, in micro-units, 0 or more."""
    height = total = deepest = 0
    for bet in ordered:
        total += bet.profit_micro
        height = max(height, total)
        deepest = max(deepest, height - total)
    return deepest, height - total

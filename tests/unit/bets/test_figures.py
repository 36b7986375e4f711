"""A record from its ledger sums."""

from __future__ import annotations

from fractions import Fraction

import pytest

from dbsbm.bets.record.figures import record
from dbsbm.bets.record.repository import BetResult
from dbsbm.bets.standings.model import Total
from dbsbm.betting.settlement import Grade


def total(
    won: int = 0,
    half_won: int = 0,
    lost: int = 0,
    half_lost: int = 0,
    pushed: int = 0,
    *,
    void: int = 0,
    risk: int = 0,
    profit: int = 0,
) -> Total:
    """Sums as the board keeps them: void bets count neither in ``bets`` nor in risk and profit."""
    bets = won + half_won + lost + half_lost + pushed
    return Total(1, "", bets, won, half_won, lost, half_lost, pushed, void, risk, profit, 0)


def test_roi_takes_pushes_in_and_leaves_voids_out() -> None:
    figures = record(total(won=2, pushed=1, lost=1, void=5, risk=4_000_000, profit=1_000_000), [])
    assert figures.roi == Fraction(1, 4)
    assert figures.risk_micro == 4_000_000
    assert figures.bets == 9


def test_halves_count_half_in_the_win_rate() -> None:
    assert record(total(won=1, half_won=1, lost=1, half_lost=3), []).win_rate == Fraction(3, 2) / 4


def test_nothing_graded_has_no_rates() -> None:
    figures = record(None, [])
    assert (figures.roi, figures.win_rate, figures.streak, figures.bets) == (None, None, 0, 0)


@pytest.mark.parametrize(
    ("newest", "streak"),
    [
        ([Grade.WON, Grade.HALF_WON, Grade.LOST], 2),
        ([Grade.PUSH, Grade.LOST, Grade.VOID, Grade.LOST, Grade.WON], -2),
        ([Grade.PUSH], 0),
    ],
)
def test_pushes_and_voids_neither_end_nor_lengthen_a_streak(newest: list[Grade], streak: int) -> None:
    assert record(None, [BetResult(grade, 0) for grade in newest]).streak == streak


def test_the_curve_ends_at_the_total_however_much_lies_before_it() -> None:
    newest = [BetResult(Grade.WON, 1_000_000), BetResult(Grade.WON, 1_000_000)]
    figures = record(total(won=12, risk=12_000_000, profit=12_000_000), newest)
    assert figures.curve == (11.0, 12.0)

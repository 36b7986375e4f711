"""A record from its ledger sums."""

from __future__ import annotations

from fractions import Fraction

import pytest

from dbsbm.bets.record.figures import record
from dbsbm.bets.record.repository import BetResult, GradeTotal
from dbsbm.betting.settlement import Grade


def total(grade: Grade, bets: int, profit: int, risk: int | None = None) -> GradeTotal:
    return GradeTotal(grade, bets, risk if risk is not None else bets * 1_000_000, profit)


def test_roi_takes_pushes_in_and_leaves_voids_out() -> None:
    figures = record(
        [
            total(Grade.WON, 2, 2_000_000),
            total(Grade.PUSH, 1, 0),
            total(Grade.VOID, 5, 0),
            total(Grade.LOST, 1, -1_000_000),
        ],
        [],
    )
    assert figures.roi == Fraction(1, 4)
    assert figures.risk_micro == 4_000_000
    assert figures.bets == 9


def test_halves_count_half_in_the_win_rate() -> None:
    figures = record(
        [total(Grade.WON, 1, 0), total(Grade.HALF_WON, 1, 0), total(Grade.LOST, 1, 0), total(Grade.HALF_LOST, 3, 0)], []
    )
    assert figures.win_rate == Fraction(3, 2) / 4


def test_nothing_graded_has_no_rates() -> None:
    figures = record([], [])
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
    assert record([], [BetResult(grade, 0) for grade in newest]).streak == streak


def test_the_curve_ends_at_the_total_however_much_lies_before_it() -> None:
    figures = record(
        [total(Grade.WON, 12, 12_000_000)], [BetResult(Grade.WON, 1_000_000), BetResult(Grade.WON, 1_000_000)]
    )
    assert figures.curve == (11.0, 12.0)

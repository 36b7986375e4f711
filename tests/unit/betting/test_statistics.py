"""Statistics against a brute-force reckoning on random histories; the rating's laws."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbsbm.betting.outcome import Grade
from dbsbm.betting.rating import rating, roi_interval
from dbsbm.betting.stakes import MICRO
from dbsbm.betting.statistics import LOSING, WINNING, GradedBet, by_cut, statistics
from dbsbm.core.errors import InputError

START = datetime(2026, 1, 1, tzinfo=UTC)


@st.composite
def histories(draw: st.DrawFn) -> list[GradedBet]:
    grades = draw(st.lists(st.sampled_from(Grade), max_size=40))
    return [
        GradedBet(
            number,
            START + timedelta(minutes=draw(st.integers(0, 20))),
            grade,
            risk := draw(st.integers(1, 5 * MICRO)),
            {Grade.WON: risk, Grade.HALF_WON: risk // 2, Grade.HALF_LOST: -(risk // 2), Grade.LOST: -risk}.get(
                grade, 0
            ),
            draw(st.none() | st.fractions(-1, 1, max_denominator=100)),
            {"league": draw(st.sampled_from(("NFL", "NBA")))},
        )
        for number, grade in enumerate(grades)
    ]


@given(histories(), st.randoms(use_true_random=False))
def test_statistics_are_what_brute_force_gives(bets: list[GradedBet], chance: random.Random) -> None:
    shuffled = list(bets)
    chance.shuffle(shuffled)
    ours = statistics(shuffled)
    ordered = [b for b in sorted(bets, key=lambda b: (b.decided_at, b.bet_id)) if b.grade is not Grade.VOID]
    risk, profit = sum(b.risk_micro for b in ordered), sum(b.profit_micro for b in ordered)
    assert (ours.risk_micro, ours.profit_micro, ours.graded) == (risk, profit, len(ordered))
    assert ours.roi == (Fraction(profit, risk) if ordered else None)
    runs = [sum(b.profit_micro for b in ordered[:n]) for n in range(len(ordered) + 1)]
    falls = [max(runs[: n + 1]) - runs[n] for n in range(len(runs))]
    assert (ours.drawdown_micro, ours.current_drawdown_micro) == (max(falls), falls[-1])
    decided = [b.grade in WINNING for b in ordered if b.grade in WINNING | LOSING]
    streaks = [(won, len(list(same))) for won, same in groupby(decided)]
    assert ours.longest_winning == max((n for won, n in streaks if won), default=0)
    assert ours.longest_losing == max((n for won, n in streaks if not won), default=0)
    assert ours.streak == ((streaks[-1][1] if streaks[-1][0] else -streaks[-1][1]) if streaks else 0)
    values = [b.clv for b in ordered if b.clv is not None]
    assert ours.clv == (sum(values, Fraction(0)) / len(values) if values else None)
    assert ours.clv_bets == len(values)


@given(histories())
def test_the_parts_of_a_cut_add_up(bets: list[GradedBet]) -> None:
    parts = by_cut(bets, lambda bet: bet.labels["league"])
    whole = statistics(bets)
    assert sum(part.profit_micro for part in parts.values()) == whole.profit_micro
    assert sum(part.graded for part in parts.values()) == whole.graded


def test_the_rates_of_a_known_record() -> None:
    grades = [Grade.WON, Grade.WON, Grade.HALF_WON, Grade.LOST, Grade.HALF_LOST, Grade.PUSH, Grade.VOID]
    profits = [MICRO, MICRO, MICRO // 2, -MICRO, -MICRO // 2, 0, 0]
    bets = [
        GradedBet(n, START + timedelta(hours=n), grade, MICRO, profit)
        for n, (grade, profit) in enumerate(zip(grades, profits, strict=True))
    ]
    ours = statistics(bets)
    assert ours.win_rate == Fraction(5, 2) / Fraction(4)
    assert ours.roi == Fraction(1, 6)
    assert ours.flat_roi == Fraction(1, 6)
    assert (ours.streak, ours.longest_winning, ours.clv) == (-2, 3, None)


def _flat(wins: int, losses: int) -> list[GradedBet]:
    results = [(Grade.WON, 909_091)] * wins + [(Grade.LOST, -MICRO)] * losses
    return [GradedBet(n, START, grade, MICRO, profit) for n, (grade, profit) in enumerate(results)]


def test_without_bets_a_rating_is_the_prior() -> None:
    empty = rating([])
    assert empty.shrunk_roi == Fraction(-45, 1000)
    assert not empty.listed


def test_a_lucky_ten_does_not_top_a_good_thousand() -> None:
    assert rating(_flat(10, 0)).shrunk_roi < rating(_flat(570, 430)).shrunk_roi
    assert not rating(_flat(10, 0)).listed
    assert rating(_flat(12, 8)).listed


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_rating_lies_between_the_prior_and_the_plain_roi(wins: int, losses: int) -> None:
    rated = rating(_flat(wins, losses))
    plain = Fraction(rated.profit_micro, rated.risk_micro) if rated.risk_micro else Fraction(-45, 1000)
    low, high = sorted((plain, Fraction(-45, 1000)))
    assert low <= rated.shrunk_roi <= high


def test_a_rating_needs_a_prior() -> None:
    with pytest.raises(InputError):
        rating([], prior_units=0)


def test_the_interval_is_repeatable_and_holds_the_roi() -> None:
    bets = _flat(60, 40)
    interval = roi_interval(bets, random.Random(1))
    assert interval == roi_interval(bets, random.Random(1))
    assert interval is not None
    roi = statistics(bets).roi
    assert roi is not None
    assert interval[0] < roi < interval[1]
    assert roi_interval(bets[:1], random.Random(1)) is None

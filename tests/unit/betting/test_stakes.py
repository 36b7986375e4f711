"""Stakes: what was typed is exact, the other number rounded once."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbsbm.betting.odds import Odds
from dbsbm.betting.outcome import Grade
from dbsbm.betting.settlement import settle_as
from dbsbm.betting.stakes import MICRO, Stake, StakeMode, format_units, half_even, parse_units
from dbsbm.core.errors import InputError
from tests.unit.betting.build import amounts, prices


@pytest.mark.parametrize(
    ("text", "micro"),
    [
        ("2u", 2_000_000),
        ("10000u", 10_000_000_000),
        ("1.5", 1_500_000),
        (".5 units", 500_000),
        ("1 Unit", 1_000_000),
        ("0.0000005", None),
    ],
)
def test_units_are_read(text: str, micro: int | None) -> None:
    if micro is None:
        with pytest.raises(InputError):
            parse_units(text)
    else:
        assert parse_units(text) == micro


@pytest.mark.parametrize("text", ["", "u", "-2u", "0", "0u", "nan", "1e400", "10001u", "9" * 40, "two", "1.2.3"])
def test_what_is_no_stake_is_refused_by_name(text: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_units(text)
    assert refused.value.field == "stake"


def test_the_three_modes() -> None:
    favourite, dog = Odds.parse("-150"), Odds.parse("+150")
    assert Stake.of(StakeMode.TO_WIN, MICRO, favourite) == Stake(StakeMode.TO_WIN, 1_500_000, MICRO)
    assert Stake.of(StakeMode.RISK, MICRO, favourite) == Stake(StakeMode.RISK, MICRO, 666_667)
    assert Stake.of(StakeMode.BASE_UNIT, MICRO, favourite) == Stake(StakeMode.BASE_UNIT, 1_500_000, MICRO)
    assert Stake.of(StakeMode.BASE_UNIT, MICRO, dog) == Stake(StakeMode.BASE_UNIT, MICRO, 1_500_000)


@pytest.mark.parametrize("amount", [0, -1, 10_001 * MICRO])
def test_amounts_outside_the_limits_are_refused(amount: int) -> None:
    with pytest.raises(InputError) as refused:
        Stake.of(StakeMode.RISK, amount, Odds.parse("-110"))
    assert refused.value.field == "stake"


def test_a_stake_whose_other_number_rounds_to_nothing_is_refused() -> None:
    with pytest.raises(InputError):
        Stake.of(StakeMode.RISK, 1, Odds.parse("-100000"))


@given(amounts, prices)
def test_a_full_win_pays_exactly_what_was_typed_to_win(amount: int, odds: Odds) -> None:
    stake = Stake.of(StakeMode.TO_WIN, amount, odds)
    assert settle_as(stake, odds, Grade.WON) == (stake.risk_micro + amount, amount)


@given(amounts, prices, st.sampled_from(Grade), st.sampled_from(StakeMode))
def test_a_persons_grade_returns_what_fractions_say(amount: int, odds: Odds, grade: Grade, mode: StakeMode) -> None:
    stake = Stake.of(mode, amount, odds)
    win, push = {
        Grade.WON: (Fraction(1), Fraction(0)),
        Grade.LOST: (Fraction(0), Fraction(0)),
        Grade.PUSH: (Fraction(0), Fraction(1)),
        Grade.VOID: (Fraction(0), Fraction(1)),
        Grade.HALF_WON: (Fraction(1, 2), Fraction(1, 2)),
        Grade.HALF_LOST: (Fraction(0), Fraction(1, 2)),
    }[grade]
    exact = stake.risk_micro * (win * odds.price + push)
    returned, profit = settle_as(stake, odds, grade)
    assert profit == returned - stake.risk_micro
    assert abs(returned - exact) <= Fraction(3, 2) * odds.price


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**6))
def test_half_even_is_pythons_rounding(num: int, den: int) -> None:
    assert half_even(num, den) == round(Fraction(num, den))


@pytest.mark.parametrize(
    ("micro", "signed", "shown"),
    [
        (1_500_000, False, "1.5u"),
        (1_818_182, True, "+1.82u"),
        (-2_000_000, True, "-2u"),
        (0, True, "0u"),
        (-4_000, True, "0u"),
    ],
)
def test_units_are_shown_to_a_hundredth(micro: int, signed: bool, shown: str) -> None:
    assert format_units(micro, signed=signed) == shown

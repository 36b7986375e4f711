"""Margin removal, expected value, Kelly, closing line value: against outside implementations and by their laws."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
import shin
from hypothesis import given
from hypothesis import strategies as st

from dbsbm.betting.closing import (
    no_vig_clv,
    normal_line_value,
    price_clv,
    probability_clv,
    table_line_value,
    ticket_clv,
)
from dbsbm.betting.fair import Method, fair
from dbsbm.betting.odds import Odds
from dbsbm.betting.value import break_even, expected_value, kelly, log_growth
from dbsbm.core.errors import InputError
from tests.unit.betting.build import MINUS_110


@st.composite
def books(draw: st.DrawFn) -> list[Odds]:
    """Prices of a whole market with a margin of 0.5 to 15 %."""
    weights = draw(st.lists(st.integers(5, 100), min_size=2, max_size=8))
    margin = draw(st.integers(5, 150))
    total = sum(weights)
    return [Odds.from_fraction(max(Fraction(total * 1000, w * (1000 + margin)), Fraction(1001, 1000))) for w in weights]


@given(books())
def test_shin_agrees_with_the_shin_package(prices: list[Odds]) -> None:
    """The package stops its iteration some 5·10⁻⁷ away (three equal prices come out as .33333378)."""
    ours = fair(prices, Method.SHIN)
    theirs = shin.calculate_implied_probabilities([float(each.price) for each in prices])
    assert [float(each) for each in ours.probabilities] == pytest.approx(list(theirs), abs=1e-6)


@given(books(), st.sampled_from([each for each in Method if each is not Method.WORST_CASE]))
def test_fair_probabilities_sum_to_one_and_keep_the_order(prices: list[Odds], method: Method) -> None:
    try:
        probabilities = fair(prices, method).probabilities
    except InputError as refused:
        assert method is Method.ADDITIVE
        assert refused.field == "odds"
        return
    assert abs(sum(probabilities, Decimal(-1))) < Decimal("1E-12")
    assert all(0 < each < 1 for each in probabilities)
    by_price = sorted(zip((each.price for each in prices), probabilities, strict=True))
    shares = [each for _, each in by_price]
    assert all(first >= second - Decimal("1E-15") for first, second in pairwise(shares))


@given(books())
def test_the_worst_case_is_no_better_than_any_method(prices: list[Odds]) -> None:
    worst = fair(prices, Method.WORST_CASE).probabilities
    for method in (Method.MULTIPLICATIVE, Method.POWER, Method.SHIN):
        better = zip(worst, fair(prices, method).probabilities, strict=True)
        assert all(low <= high for low, high in better)


def test_of_two_outcomes_shin_is_additive() -> None:
    prices = [Odds.parse("-150"), Odds.parse("+130")]
    additive, shin_ = fair(prices, Method.ADDITIVE), fair(prices, Method.SHIN)
    gaps = (abs(a - s) for a, s in zip(additive.probabilities, shin_.probabilities, strict=True))
    assert max(gaps) < Decimal("1E-15")


def test_additive_refuses_what_it_would_make_negative() -> None:
    prices = [Odds.from_decimal(each) for each in ("1.15", "5", "10", "25")]
    with pytest.raises(InputError):
        fair(prices, Method.ADDITIVE)
    assert min(fair(prices, Method.WORST_CASE).probabilities) > 0


@pytest.mark.parametrize("prices", [[], [MINUS_110], [Odds.parse("+110"), Odds.parse("+110")]])
def test_half_a_market_or_an_arbitrage_is_refused(prices: list[Odds]) -> None:
    with pytest.raises(InputError) as refused:
        fair(prices, Method.POWER)
    assert refused.value.field == "odds"


probabilities = st.fractions(0, 1, max_denominator=1_000)


@given(probabilities, st.integers(101, 2_000))
def test_kelly_stakes_only_on_an_edge_and_grows_fastest(win: Fraction, cents: int) -> None:
    odds = Odds.from_fraction(Fraction(cents, 100))
    share = kelly(win, odds)
    assert (share > 0) == (expected_value(win, odds) > 0) == (win > break_even(odds))
    if 0 < share < Fraction(98, 100):
        best = log_growth(win, odds, share)
        assert best >= log_growth(win, odds, share * Fraction(9, 10))
        assert best >= log_growth(win, odds, share + (1 - share) / 100)


def test_a_push_costs_nothing_and_raises_the_share() -> None:
    win, push = Fraction(1, 2), Fraction(6, 100)
    assert expected_value(win, MINUS_110, push) == win * MINUS_110.price + push - 1
    assert kelly(win, MINUS_110, push) > expected_value(win, MINUS_110, push)


@pytest.mark.parametrize(("win", "push"), [(Fraction(-1, 2), 0), (Fraction(3, 2), 0), (Fraction(1, 2), Fraction(3, 4))])
def test_probabilities_outside_0_and_1_are_refused(win: Fraction, push: Fraction) -> None:
    with pytest.raises(InputError) as refused:
        expected_value(win, MINUS_110, Fraction(push))
    assert refused.value.field == "probability"


def test_a_share_of_everything_is_refused() -> None:
    with pytest.raises(InputError):
        log_growth(Fraction(1, 2), MINUS_110, Fraction(1))


def test_closing_value_of_the_same_line() -> None:
    bet, close = Odds.parse("+110"), Odds.parse("+100")
    assert price_clv(bet, close) == Fraction(1, 20)
    assert probability_clv(bet, close) == Fraction(1, 2) - Fraction(10, 21)
    assert no_vig_clv(bet, Fraction(1, 2)) == Fraction(1, 20)
    with pytest.raises(InputError):
        no_vig_clv(bet, Fraction(1))


def test_a_moved_line_is_worth_its_key_numbers() -> None:
    """From −3 to −3.5 crosses the three, from −4.5 to −5 crosses nothing much."""
    three = table_line_value("NFL", -12, -14, MINUS_110)
    five = table_line_value("NFL", -18, -20, MINUS_110)
    assert three is not None
    assert five is not None
    assert three.value > five.value
    assert three.push > Decimal("0.07")
    assert three.points == Fraction(1, 2)


def test_an_unmoved_line_is_worth_its_fair_price() -> None:
    value = table_line_value("NFL", -14, -14, Odds.parse("+100"), Fraction(1, 2))
    assert value is not None
    assert abs(value.value) < Decimal("1E-9")
    assert normal_line_value(-14, -14, Odds.parse("+100"), 13.3).value == 0


def test_without_a_table_there_is_no_comparable_close() -> None:
    assert table_line_value("EPL", -2, -4, MINUS_110) is None
    assert table_line_value("NFL", -13, -14, MINUS_110) is None


def test_a_ticket_has_a_closing_value_only_when_each_leg_has() -> None:
    assert ticket_clv([Fraction(1, 10), Fraction(1, 20)]) == Fraction(11, 10) * Fraction(21, 20) - 1
    assert ticket_clv([Fraction(1, 10), None]) is None
    assert ticket_clv([]) is None


@pytest.mark.parametrize("method", [Method.POWER, Method.ODDS_RATIO, Method.SHIN])
def test_even_an_absurd_margin_is_removed(method: Method) -> None:
    prices = [Odds.from_decimal("1.05"), Odds.from_decimal("1.05")]
    assert fair(prices, method).probabilities == pytest.approx([Decimal("0.5")] * 2, abs=Decimal("1E-20"))

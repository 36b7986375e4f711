"""Prices: read by their look or by name, kept exactly, shown in any format."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbsbm.betting.odds import Odds, OddsError, OddsFormat
from tests.unit.betting.build import american, prices


@pytest.mark.parametrize(
    ("typed", "price", "format"),
    [
        ("-110", Fraction(21, 11), OddsFormat.AMERICAN),
        ("+150", Fraction(5, 2), OddsFormat.AMERICAN),
        ("−105", Fraction(41, 21), OddsFormat.AMERICAN),
        ("1.91", Fraction(191, 100), OddsFormat.DECIMAL),
        ("10/11", Fraction(21, 11), OddsFormat.FRACTIONAL),
        ("100/30", Fraction(13, 3), OddsFormat.FRACTIONAL),
        ("EVEN", Fraction(2), OddsFormat.AMERICAN),
        ("pk", Fraction(2), OddsFormat.AMERICAN),
    ],
)
def test_a_price_is_read_by_its_look(typed: str, price: Fraction, format: OddsFormat) -> None:  # noqa: A002
    odds = Odds.parse(typed)
    assert (odds.price, odds.format) == (price, format)


@pytest.mark.parametrize(
    ("typed", "format", "price"),
    [
        ("0.95", OddsFormat.HONG_KONG, Fraction(39, 20)),
        ("-1.2", OddsFormat.INDONESIAN, Fraction(11, 6)),
        ("1.2", OddsFormat.INDONESIAN, Fraction(11, 5)),
        ("0.95", OddsFormat.MALAY, Fraction(39, 20)),
        ("-0.2", OddsFormat.MALAY, Fraction(6)),
        ("2", OddsFormat.DECIMAL, Fraction(2)),
        ("110", OddsFormat.AMERICAN, Fraction(21, 10)),
    ],
)
def test_other_formats_are_read_when_named(typed: str, format: OddsFormat, price: Fraction) -> None:  # noqa: A002
    assert Odds.parse(typed, format).price == price


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "0",
        "+50",
        "-99",
        "+99.9",
        "abc",
        "nan",
        "NaN",
        "inf",
        "1e400",
        "1.0",
        "0.5",
        "1/0",
        "0/5",
        "110",
        "2",
        "--110",
        "+-110",
        "1.91.2",
        "10/11/12",
        "-1.91",
        "9" * 400,
        "+" + "9" * 20,
        "٣.٥",
        "1,5",
        "999999999.5",
    ],
)
def test_what_is_no_price_is_refused_by_name(typed: str) -> None:
    with pytest.raises(OddsError) as refused:
        Odds.parse(typed)
    assert refused.value.field == "odds"


@pytest.mark.parametrize("typed", ["0", "0.5", "-0.5"])
def test_indonesian_between_one_and_minus_one_is_refused(typed: str) -> None:
    with pytest.raises(OddsError):
        Odds.parse(typed, OddsFormat.INDONESIAN)


@pytest.mark.parametrize("typed", ["0", "1.01", "-1.5"])
def test_malay_beyond_one_is_refused(typed: str) -> None:
    with pytest.raises(OddsError):
        Odds.parse(typed, OddsFormat.MALAY)


@given(prices, st.sampled_from(OddsFormat))
def test_any_format_round_trips(odds: Odds, format: OddsFormat) -> None:  # noqa: A002
    again = Odds.from_value(odds.value(format), format)
    assert (again.num, again.den) == (odds.num, odds.den)


@given(american)
def test_what_was_typed_is_shown_again(n: int) -> None:
    odds = Odds.from_american(n)
    assert odds.shown(OddsFormat.AMERICAN) == f"{n:+d}"
    assert Odds.parse(odds.shown(OddsFormat.FRACTIONAL)).price == odds.price


@given(st.text(max_size=30))
def test_any_text_is_a_price_or_a_typed_error(text: str) -> None:
    try:
        odds = Odds.parse(text)
    except OddsError:
        return
    assert odds.num > odds.den > 0


def test_minus_100_and_plus_100_are_one_price() -> None:
    assert Odds.parse("-100").price == Odds.parse("+100").price == 2


def test_short_prices_are_shown_with_the_places_they_need() -> None:
    assert Odds.from_american(-100_000).shown(OddsFormat.DECIMAL) == "1.001000"
    assert Odds.from_american(-10_000).shown(OddsFormat.HONG_KONG) == "0.01"

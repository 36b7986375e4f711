"""The closing value of a ticket from those of its legs: what multiplies, and what has none and why."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from dbsbm.settlement.clv import LegFactor, ticket_value


def leg(game_id: int, value: str | None = "0.1", reason: str = "") -> LegFactor:
    return LegFactor(game_id, Fraction(2), None if value is None else Decimal(value), reason)


def test_the_value_of_one_leg_is_the_tickets() -> None:
    assert ticket_value("straight", None, [leg(1, "0.04")]).value == Decimal("0.04")


def test_the_values_of_a_parlays_legs_multiply() -> None:
    assert ticket_value("parlay", None, [leg(1), leg(2, "-0.5")]).value == Decimal("-0.45")


def test_a_price_of_the_tickets_own_stands_for_the_product_of_the_legs() -> None:
    """Two legs at 2.0 multiply to 4.0; paid at 5.0 the ticket is worth a quarter more."""
    assert ticket_value("parlay", Fraction(5), [leg(1), leg(2)]).value == Decimal("0.5125")


@pytest.mark.parametrize(
    ("kind", "legs", "reason"),
    [
        ("parlay", [leg(1), leg(2, None, "no_close")], "no_close"),
        ("parlay", [leg(1), leg(1)], "same_game"),
        ("teaser", [leg(1), leg(2)], "ticket_kind"),
        ("round_robin", [leg(1), leg(2)], "ticket_kind"),
    ],
)
def test_what_does_not_multiply_has_no_value_and_says_why(kind: str, legs: list[LegFactor], reason: str) -> None:
    found = ticket_value(kind, None, legs)
    assert (found.value, found.reason) == (None, reason)

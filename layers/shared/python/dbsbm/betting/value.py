"""What a price is worth against a probability: expected value and the Kelly stake (Kelly 1956, with a push as third
outcome: EV ÷ ((d − 1)(p_win + p_loss)))."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction

from dbsbm.betting.odds import Odds
from dbsbm.core.errors import InputError

_NO_PUSH = Fraction(0)


def expected_value(win: Fraction, odds: Odds, push: Fraction = _NO_PUSH) -> Fraction:
    """Expected profit per unit staked. Raises InputError (field ``probability``)."""
    _check(win, push)
    return win * odds.price + push - 1


def kelly(win: Fraction, odds: Odds, push: Fraction = _NO_PUSH) -> Fraction:
    """Share of the bankroll that grows it fastest; 0 without an edge. Raises InputError (field ``probability``)."""
    value = expected_value(win, odds, push)
    if value <= 0:
        return Fraction(0)
    return value / ((odds.price - 1) * (1 - push))


def break_even(odds: Odds) -> Fraction:
    """The probability at which the price is worth nothing."""
    return odds.implied


def log_growth(win: Fraction, odds: Odds, share: Fraction) -> Decimal:
    """Expected growth of the bankroll's logarithm per bet of ``share`` of it, 0 ≤ share < 1."""
    _check(win, _NO_PUSH)
    if not 0 <= share < 1:
        raise InputError("share", str(share), "must be at least 0 and below 1", "1/40")
    with localcontext() as context:
        context.prec = 34
        gain, loss = 1 + share * (odds.price - 1), 1 - share
        return _decimal(win) * _decimal(gain).ln() + _decimal(1 - win) * _decimal(loss).ln()


def _check(win: Fraction, push: Fraction) -> None:
    if win < 0 or push < 0 or win + push > 1:
        raise InputError("probability", f"{win} {push}".strip(), "must lie between 0 and 1", "0.55")


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)

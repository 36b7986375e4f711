"""Fair probabilities: taking the bookmaker's margin out of a full set of prices.

With q the implied probabilities and B their sum (formulas and sources in docs/betting.md):
multiplicative q/B; additive q − (B − 1)/n; power q^k; Shin (√(z² + 4(1 − z)q²/B) − z) / (2(1 − z)); odds ratio
q / (c + q − cq), with k, z, c chosen so that the probabilities sum to 1. Worst case is the least of the first four for
each outcome, so it sums to less than 1. Probabilities are Decimals, good to 12 places and more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum

from dbsbm.betting.odds import Odds
from dbsbm.core.errors import InputError

PRECISION = 34
_ENOUGH = Decimal(10) ** -24


class Method(StrEnum):
    """How the margin is taken out."""

    MULTIPLICATIVE = "multiplicative"
    ADDITIVE = "additive"
    POWER = "power"
    SHIN = "shin"
    ODDS_RATIO = "odds_ratio"
    WORST_CASE = "worst_case"


@dataclass(frozen=True, slots=True)
class Fair:
    """Probabilities in the order of the prices; ``parameter`` is the method's k, z or c, else None."""

    probabilities: tuple[Decimal, ...]
    overround: Decimal
    parameter: Decimal | None = None


def fair(prices: Sequence[Odds], method: Method) -> Fair:
    """Fair probabilities of all outcomes of one market.

    Raises InputError (field ``odds``) for fewer than two prices, prices that sum below certainty (an arbitrage has no
    margin to remove), and for the additive method when it would leave a probability of 0 or less.
    """
    if len(prices) < 2:
        raise InputError("odds", str(len(prices)), "the prices of every outcome are needed", "-110, -110")
    with localcontext() as context:
        context.prec = PRECISION
        implied = [Decimal(price.den) / Decimal(price.num) for price in prices]
        book = sum(implied, Decimal(0))
        if book < 1 - _ENOUGH:
            raise InputError("odds", ", ".join(price.typed for price in prices[:4]), "sum to less than certainty")
        probabilities, parameter = _METHODS[method](implied, book)
        return Fair(tuple(probabilities), book - 1, parameter)


_Solved = tuple[list[Decimal], Decimal | None]


def _multiplicative(implied: list[Decimal], book: Decimal) -> _Solved:
    return [each / book for each in implied], None


def _additive(implied: list[Decimal], book: Decimal) -> _Solved:
    share = (book - 1) / len(implied)
    probabilities = [each - share for each in implied]
    if min(probabilities) <= 0:
        raise InputError("odds", "", "the additive method would leave a probability of 0 or less: use another")
    return probabilities, None


def _power(implied: list[Decimal], book: Decimal) -> _Solved:
    logarithms = [each.ln() for each in implied]

    def at(k: Decimal) -> list[Decimal]:
        return [(k * each).exp() for each in logarithms]

    k = _root(lambda k: sum(at(k), Decimal(-1)), Decimal(1), book)
    return at(k), k


def _odds_ratio(implied: list[Decimal], book: Decimal) -> _Solved:
    def at(c: Decimal) -> list[Decimal]:
        return [each / (c + each - c * each) for each in implied]

    c = _root(lambda c: sum(at(c), Decimal(-1)), Decimal(1), book)
    return at(c), c


def _shin(implied: list[Decimal], book: Decimal) -> _Solved:
    def at(z: Decimal) -> list[Decimal]:
        rest = 1 - z
        return [((z * z + 4 * rest * each * each / book).sqrt() - z) / (2 * rest) for each in implied]

    z = _root(lambda z: sum(at(z), Decimal(-1)), Decimal(0), Decimal("0.999"))
    return at(z), z


def _worst_case(implied: list[Decimal], book: Decimal) -> _Solved:
    views = [method(implied, book)[0] for method in (_multiplicative, _power, _shin)]
    share = (book - 1) / len(implied)
    if min(implied) > share:
        views.append([each - share for each in implied])
    return [min(each) for each in zip(*views, strict=True)], None


_METHODS: dict[Method, Callable[[list[Decimal], Decimal], _Solved]] = {
    Method.MULTIPLICATIVE: _multiplicative,
    Method.ADDITIVE: _additive,
    Method.POWER: _power,
    Method.SHIN: _shin,
    Method.ODDS_RATIO: _odds_ratio,
    Method.WORST_CASE: _worst_case,
}


def _root(falling: Callable[[Decimal], Decimal], low: Decimal, high: Decimal) -> Decimal:
    """Where a falling function crosses 0, from ``low`` up (regula falsi, Illinois variant)."""
    at_low, at_high = falling(low), falling(high)
    if abs(at_low) < _ENOUGH:
        return low
    while at_high > 0:
        low, at_low = high, at_high
        high *= 2
        at_high = falling(high)
    for _ in range(200):
        middle = (low * at_high - high * at_low) / (at_high - at_low)
        at_middle = falling(middle)
        if abs(at_middle) < _ENOUGH:
            return middle
        if at_middle < 0:
            high, at_high, at_low = middle, at_middle, at_low / 2
        else:
            low, at_low, at_high = middle, at_middle, at_high / 2
    return (low + high) / 2

"""Closing line value: what a price turned out to be worth against the market's last word.

The headline is the no-vig one, d · p_close − 1. When the line itself moved, prices cannot be compared: the bet's line
is valued under a model of the final margin that agrees with the close. These are estimates of probabilities, reckoned
in floating point and rounded to 12 places; no money is computed here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from math import exp, prod
from statistics import NormalDist

from dbsbm.betting.catalogue import DATA
from dbsbm.betting.odds import Odds
from dbsbm.core.errors import InputError

_WIDEST = 120


def price_clv(bet: Odds, close: Odds) -> Fraction:
    """d_bet ÷ d_close − 1, on the same line."""
    return bet.price / close.price - 1


def probability_clv(bet: Odds, close: Odds) -> Fraction:
    """Implied probability at the close less that of the bet, on the same line."""
    return close.implied - bet.implied


def no_vig_clv(bet: Odds, fair_close: Fraction) -> Fraction:
    """Expected value of the bet at the fair closing probability. Raises InputError (field ``probability``)."""
    if not 0 < fair_close < 1:
        raise InputError("probability", str(fair_close), "must lie between 0 and 1", "0.53")
    return bet.price * fair_close - 1


def ticket_clv(legs: Sequence[Fraction | None]) -> Fraction | None:
    """Closing value of a parlay: its legs' multiplied, Π (1 + v) − 1; None unless every leg has one."""
    known = [leg for leg in legs if leg is not None]
    if not known or len(known) < len(legs):
        return None
    return prod((1 + leg for leg in known), start=Fraction(1)) - 1


@dataclass(frozen=True, slots=True)
class LineValue:
    """A bet's line under the close: points gained, chances of a win and a push, expected value per unit."""

    points: Fraction
    win: Decimal
    push: Decimal
    value: Decimal


def normal_line_value(bet_line_q: int, close_line_q: int, odds: Odds, sd: float) -> LineValue:
    """By a normal margin with standard deviation ``sd`` points, no mass on a push; it understates key numbers."""
    points = Fraction(bet_line_q - close_line_q, 4)
    win = NormalDist(0, sd).cdf(float(points))
    return LineValue(points, _rounded(win), Decimal(0), _rounded(win * odds.num / odds.den - 1))


def table_line_value(
    league: str, bet_line_q: int, close_line_q: int, odds: Odds, fair_close: Fraction = Fraction(1, 2)
) -> LineValue | None:
    """By the league's table of final margins, centred so that the close's line wins ``fair_close`` of what is decided.

    None when there is no table for the league, or a line is a quarter line: no comparable close.
    """
    table = _tables().get(league)
    if table is None or bet_line_q % 2 or close_line_q % 2 or not 0 < fair_close < 1:
        return None
    low, high = -200.0, 200.0
    for _ in range(60):
        centre = (low + high) / 2
        win, push = table.chances(centre, close_line_q)
        if win < float(fair_close) * (1 - push):
            low = centre
        else:
            high = centre
    win, push = table.chances(low, bet_line_q)
    value = win * odds.num / odds.den + push - 1
    return LineValue(Fraction(bet_line_q - close_line_q, 4), _rounded(win), _rounded(push), _rounded(value))


@dataclass(frozen=True, slots=True)
class MarginTable:
    """How much likelier each absolute margin is than a normal curve says."""

    sd: float
    otherwise: float
    factors: dict[int, float]

    def chances(self, centre: float, line_q: int) -> tuple[float, float]:
        """Chances of a win and of a push for a side whose margin centres on ``centre``, at its line."""
        win = push = everything = 0.0
        for margin in range(-_WIDEST, _WIDEST + 1):
            weight = exp(-(((margin - centre) / self.sd) ** 2) / 2) * self.factors.get(abs(margin), self.otherwise)
            everything += weight
            past_q = 4 * margin + line_q
            if past_q > 0:
                win += weight
            elif past_q == 0:
                push += weight
        return win / everything, push / everything


@cache
def _tables() -> dict[str, MarginTable]:
    rows = json.loads((DATA / "margins.json").read_text(encoding="utf-8"))
    return {
        row["id"]: MarginTable(
            float(row["sd"]),
            float(row["otherwise"]),
            {int(margin): float(factor) for margin, factor in row["factors"].items()},
        )
        for row in rows
    }


def _rounded(value: float) -> Decimal:
    return Decimal(value).quantize(Decimal("1E-12"))

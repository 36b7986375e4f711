"""A leaderboard's figure that a short lucky run cannot top.

The shrunk ROI is an empirical-Bayes estimate: every capper starts with ``prior_units`` of bets at the return of
betting blindly, and own bets pull away from there, (profit + k · μ₀) ÷ (risk + k). μ₀ = −4.5 % is what −110 on both
sides costs; k = 300 u lies inside the 200 … 400 u that the spread of true returns among bettors suggests. Method: Efron
and Morris, "Data analysis using Stein's estimator" (JASA 1975); 20 graded bets to be listed, as PickMonitor has it. The
interval is Efron's percentile bootstrap (1979) over bets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from dbsbm.betting.outcome import Grade
from dbsbm.betting.stakes import MICRO
from dbsbm.betting.statistics import GradedBet
from dbsbm.core.errors import InputError

PRIOR_UNITS = 300
PRIOR_ROI = Fraction(-45, 1000)
MINIMUM_BETS = 20


@dataclass(frozen=True, slots=True)
class Rating:
    """``shrunk_roi`` orders the board; ``listed`` is whether there are bets enough to stand on it."""

    bets: int
    risk_micro: int
    profit_micro: int
    shrunk_roi: Fraction
    listed: bool


def rating(bets: Sequence[GradedBet], *, prior_units: int = PRIOR_UNITS, prior_roi: Fraction = PRIOR_ROI) -> Rating:
    """The rating of one capper's bets; voids are left out. Raises InputError (field ``prior_units``) below 1."""
    if prior_units < 1:
        raise InputError("prior_units", str(prior_units), "must be at least 1", "300")
    counted = [bet for bet in bets if bet.grade is not Grade.VOID]
    risk = sum(bet.risk_micro for bet in counted)
    profit = sum(bet.profit_micro for bet in counted)
    shrunk = shrunk_roi(risk, profit, prior_units=prior_units, prior_roi=prior_roi)
    return Rating(len(counted), risk, profit, shrunk, len(counted) >= MINIMUM_BETS)


def shrunk_roi(
    risk_micro: int, profit_micro: int, *, prior_units: int = PRIOR_UNITS, prior_roi: Fraction = PRIOR_ROI
) -> Fraction:
    """(profit + k · μ₀) ÷ (risk + k) of sums in micro-units, k the prior's units."""
    prior_micro = prior_units * MICRO
    return Fraction((profit_micro + prior_micro * prior_roi) / (risk_micro + prior_micro))


def roi_interval(
    bets: Sequence[GradedBet], chance: Random, *, level: Fraction = Fraction(9, 10), resamples: int = 1_000
) -> tuple[Fraction, Fraction] | None:
    """Percentile bootstrap of the plain ROI; None below two bets that count."""
    counted = [(bet.risk_micro, bet.profit_micro) for bet in bets if bet.grade is not Grade.VOID and bet.risk_micro]
    if len(counted) < 2:
        return None
    drawn = []
    for _ in range(resamples):
        sample = chance.choices(counted, k=len(counted))
        drawn.append(Fraction(sum(profit for _, profit in sample), sum(risk for risk, _ in sample)))
    drawn.sort()
    tail = (1 - level) / 2
    low, high = int(tail * resamples), resamples - 1 - int(tail * resamples)
    return drawn[low], drawn[high]

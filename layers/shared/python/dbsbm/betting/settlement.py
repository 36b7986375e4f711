"""Settling a bet: what it returns, and by which rule.

Integers all the way; the return is rounded once, half to even, to the micro-unit; profit is return − risk exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

from dbsbm.betting.legs import Leg, Straight
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds
from dbsbm.betting.outcome import WEIGHTS, Grade, Outcome, outcome
from dbsbm.betting.profile import RuleProfile, Tie
from dbsbm.betting.results import GameResult, Status
from dbsbm.betting.stakes import Stake, half_even, typed_is_to_win
from dbsbm.core.errors import InputError

__all__ = ["Grade", "Settlement", "settle", "settle_as"]


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a bet came to, in micro-units; ``rule`` names what decided."""

    grade: Grade
    rule: str
    return_micro: int
    profit_micro: int


def settle(bet: Straight, result: GameResult, profile: RuleProfile) -> Settlement:
    """Settle a bet by its result and the rules stored with it. Raises InputError naming the field it cannot grade."""
    decided = _graded(bet.leg, result, profile)
    returned = _returned(bet.stake, bet.leg.odds, decided.win, decided.push, decided.of)
    return Settlement(decided.grade, decided.rule, returned, returned - bet.stake.risk_micro)


def settle_as(stake: Stake, odds: Odds, grade: Grade) -> tuple[int, int]:
    """(return, profit) in micro-units of a grade that a person decided."""
    returned = _returned(stake, odds, *WEIGHTS[grade])
    return returned, returned - stake.risk_micro


def _returned(stake: Stake, odds: Odds, win: int, push: int, of: int) -> int:
    if win == of:
        return stake.risk_micro + stake.to_win_micro
    if typed_is_to_win(stake.mode, odds):
        return half_even(stake.risk_micro * (win + push) + stake.to_win_micro * win, of)
    return half_even(stake.risk_micro * (win * odds.num + push * odds.den), of * odds.den)


def _graded(leg: Leg, result: GameResult, profile: RuleProfile) -> Outcome:
    if result.status is not Status.FINAL:
        return outcome(Grade.VOID, f"{leg.market}.{result.status}".upper())
    margin_q = 4 * (result.home - result.away)
    if leg.side is Side.AWAY:
        margin_q = -margin_q
    if leg.market is Market.SPREAD:
        return _by_margin(margin_q + leg.line_q, "SPREAD-FINAL")
    if leg.market is Market.TOTAL:
        over_q = 4 * (result.home + result.away) - leg.line_q
        return _by_margin(over_q if leg.side is Side.OVER else -over_q, "TOTAL-FINAL")
    if leg.market is Market.MONEYLINE:
        if margin_q == 0 and profile.moneyline_tie is Tie.LOSS:
            return outcome(Grade.LOST, "ML-TIE-LOSS")
        return _by_margin(margin_q, "ML-FINAL" if margin_q else "ML-TIE-PUSH")
    raise InputError("market", leg.market, "has no rule")


def _by_margin(margin_q: int, rule: str) -> Outcome:
    if margin_q in {1, -1}:
        return outcome(Grade.HALF_WON if margin_q == 1 else Grade.HALF_LOST, rule)
    if margin_q == 0:
        return outcome(Grade.PUSH, rule)
    return outcome(Grade.WON if margin_q > 0 else Grade.LOST, rule)

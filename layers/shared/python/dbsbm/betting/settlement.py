"""Settling a bet: what it returns, and by which rule.

Integers all the way; the profit is rounded once, half to even, to the micro-unit; the return is risk + profit exactly.
Rounding the profit makes a full win pay the to-win of the entry, which was rounded the same way, to the last place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast, overload

from dbsbm.betting.grading import grade_leg
from dbsbm.betting.legs import Leg, Straight
from dbsbm.betting.odds import Odds
from dbsbm.betting.outcome import Grade, Outcome, outcome
from dbsbm.betting.outrights import grade_place
from dbsbm.betting.profile import RuleProfile, SameGameVoid, TeaserPush
from dbsbm.betting.results import OutrightResult, Result
from dbsbm.betting.stakes import Stake, StakeMode, half_even, typed_is_to_win
from dbsbm.betting.tickets import Bet, EachWay, Parlay, RepriceNeededError, RoundRobin, Teaser
from dbsbm.core.errors import InputError

__all__ = ["Grade", "Settlement", "returned", "settle", "settle_as"]

_HANDED_BACK = frozenset({Grade.PUSH, Grade.VOID})


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a bet came to, in micro-units; ``rule`` names what decided (``rules.explain`` puts it in words)."""

    grade: Grade
    rule: str
    return_micro: int
    profit_micro: int


@overload
def settle(bet: Straight | EachWay, result: Result, profile: RuleProfile) -> Settlement: ...
@overload
def settle(bet: Parlay | Teaser | RoundRobin, result: Sequence[Result | None], profile: RuleProfile) -> Settlement: ...
def settle(bet: Bet, result: Result | Sequence[Result | None], profile: RuleProfile) -> Settlement:
    """Settle a bet by its result, or one result per leg, and the rules stored with it.

    A leg may be None (not played yet) where a lost one has already decided. Raises InputError naming the field that
    cannot be graded, and RepriceNeededError when the legs left have no price of their own.
    """
    if type(bet) is Straight:
        decided = grade_leg(bet.leg, cast(Result, result), profile)
        risk = bet.stake.risk_micro
        back = returned(risk, bet.stake.to_win_micro, bet.stake.mode, cast(Odds, bet.leg.odds), decided)
        return Settlement(decided.grade, decided.rule, back, back - risk)
    if type(bet) is EachWay:
        return _each_way(bet, cast(OutrightResult, result), profile)
    results = cast("Sequence[Result | None]", result)
    if len(results) != len(cast(Parlay, bet).legs):
        raise InputError("results", str(len(results)), "there must be one per leg")
    if type(bet) is Parlay:
        return _parlay(bet, results, profile)
    if type(bet) is Teaser:
        return _teaser(bet, results, profile)
    return _round_robin(cast(RoundRobin, bet), results, profile)


def settle_as(stake: Stake, odds: Odds, grade: Grade) -> tuple[int, int]:
    """(return, profit) in micro-units of a grade that a person decided."""
    back = returned(stake.risk_micro, stake.to_win_micro, stake.mode, odds, outcome(grade, ""))
    return back, back - stake.risk_micro


def returned(risk: int, to_win: int, mode: StakeMode, odds: Odds, decided: Outcome) -> int:
    """What a stake returns, its own risk in it, when its leg came to ``decided``."""
    win, push, of = decided.win, decided.push, decided.of
    if win == of:
        return risk + to_win
    if win == 0:
        return risk + half_even(risk * (push - of), of)
    if typed_is_to_win(mode, odds):
        return risk + half_even(risk * (win + push - of) + to_win * win, of)
    return _paid(risk, win * odds.num + push * odds.den, of * odds.den)


def _paid(risk: int, num: int, den: int) -> int:
    """What ``risk`` returns at the factor ``num/den``."""
    return risk + half_even(risk * (num - den), den)


def _parlay(bet: Parlay, results: Sequence[Result | None], profile: RuleProfile) -> Settlement:
    """Legs that push or are void drop out; the ticket's own price pays only when every leg won in full."""
    graded: list[Outcome] = []
    pending = False
    full = True
    stake = bet.stake
    for leg, result in zip(bet.legs, results, strict=True):
        if result is None:
            pending = True
            continue
        decided = grade_leg(leg, result, profile)
        if decided.win != decided.of:
            if decided.grade is Grade.LOST:
                return Settlement(Grade.LOST, "PARLAY-LOST", 0, -stake.risk_micro)
            full = False
        graded.append(decided)
    if pending:
        raise InputError("results", "", "a leg has no result yet")
    if full:
        return Settlement(Grade.WON, "PARLAY-WON", stake.risk_micro + stake.to_win_micro, stake.to_win_micro)
    return _reduced(bet, graded, profile)


def _reduced(bet: Parlay, graded: Sequence[Outcome], profile: RuleProfile) -> Settlement:
    risk = bet.stake.risk_micro
    live = [number for number, each in enumerate(graded) if each.grade not in _HANDED_BACK]
    if not live:
        every_void = all(each.grade is Grade.VOID for each in graded)
        return Settlement(*((Grade.VOID, "PARLAY-VOID") if every_void else (Grade.PUSH, "PARLAY-PUSH")), risk, 0)
    if bet.same_game and len(live) < len(graded) and profile.same_game_void is SameGameVoid.VOID_TICKET:
        return Settlement(Grade.VOID, "SGP-VOID-TICKET", risk, 0)
    if bet.repriced is not None:
        returned = _paid(risk, bet.repriced.num, bet.repriced.den)
        return Settlement(_net_grade(returned, risk), "PARLAY-DECISION", returned, returned - risk)
    if bet.same_game:
        raise RepriceNeededError("a same-game price cannot be divided by a leg's: decide the price of the legs left")
    num, den = combined_factor((bet.legs[number], graded[number]) for number in live)
    returned = _paid(risk, num, den)
    grade = graded[live[0]].grade if len(live) == 1 else _net_grade(returned, risk)
    return Settlement(grade, "PARLAY-REPRICED", returned, returned - risk)


def combined_factor(graded: Iterable[tuple[Leg, Outcome]]) -> tuple[int, int]:
    """Product of the legs' factors R as (numerator, denominator). Raises RepriceNeededError when a leg has no price."""
    num = den = 1
    for leg, each in graded:
        if leg.odds is None:
            raise RepriceNeededError("a leg that is left has no price of its own")
        num *= each.win * leg.odds.num + each.push * leg.odds.den
        den *= each.of * leg.odds.den
    return num, den


def _net_grade(returned: int, risk: int) -> Grade:
    """A ticket of several live parts: won above its stake, push at it, half lost below with something back."""
    if returned > risk:
        return Grade.WON
    if returned == risk:
        return Grade.PUSH
    return Grade.HALF_LOST if returned else Grade.LOST


def _teaser(bet: Teaser, results: Sequence[Result | None], profile: RuleProfile) -> Settlement:
    grades = [
        grade_leg(leg, result, profile).grade
        for leg, result in zip(bet.legs, results, strict=True)
        if result is not None
    ]
    stake, push = bet.stake, bet.push or profile.teaser_push
    pushes = grades.count(Grade.PUSH)
    if Grade.LOST in grades:
        return Settlement(Grade.LOST, "TEASER-LOST", 0, -stake.risk_micro)
    if pushes and push is TeaserPush.LOSES:
        return Settlement(Grade.LOST, "TEASER-PUSH-LOSES", 0, -stake.risk_micro)
    if len(grades) < len(bet.legs):
        raise InputError("results", "", "a leg has no result yet")
    if pushes and push is TeaserPush.REFUND:
        return Settlement(Grade.PUSH, "TEASER-PUSH-REFUNDS", stake.risk_micro, 0)
    won = grades.count(Grade.WON)
    if won == len(bet.legs):
        return Settlement(Grade.WON, "TEASER-WON", stake.risk_micro + stake.to_win_micro, stake.to_win_micro)
    pays = bet.pays.get(won)
    if pays is None:
        grade = Grade.PUSH if pushes else Grade.VOID
        return Settlement(grade, "TEASER-NO-ACTION", stake.risk_micro, 0)
    returned = _paid(stake.risk_micro, pays.numerator, pays.denominator)
    return Settlement(Grade.WON, "TEASER-REDUCED", returned, returned - stake.risk_micro)


def _round_robin(bet: RoundRobin, results: Sequence[Result | None], profile: RuleProfile) -> Settlement:
    """The sum over every subset of k legs is the coefficient of x^k in Π (den + num · x), over Π den."""
    coefficients = [1]
    common = 1
    every_void = True
    for leg, result in zip(bet.legs, results, strict=True):
        if result is None:
            raise InputError("results", "", "a leg has no result yet")
        odds = cast(Odds, leg.odds)
        each = grade_leg(leg, result, profile)
        every_void = every_void and each.grade is Grade.VOID
        num, den = each.win * odds.num + each.push * odds.den, each.of * odds.den
        common *= den
        coefficients = [
            low * den + high * num for low, high in zip([*coefficients, 0], [0, *coefficients], strict=True)
        ]
    total = sum(coefficients[size] for size in bet.sizes)
    returned = _paid(bet.risk_micro, total, common * bet.parlays)
    grade = Grade.VOID if every_void else _net_grade(returned, bet.risk_micro)
    return Settlement(grade, "ROUND-ROBIN", returned, returned - bet.risk_micro)


def _each_way(bet: EachWay, result: OutrightResult, profile: RuleProfile) -> Settlement:
    odds = cast(Odds, bet.leg.odds)
    win = grade_leg(bet.leg, result, profile)
    place = grade_place(result, profile, bet.place_terms)
    num = sum((each.win * odds.num + each.push * odds.den) * other.of for each, other in ((win, place), (place, win)))
    returned = _paid(bet.risk_micro, num, 2 * win.of * place.of * odds.den)
    both_void = win.grade is place.grade is Grade.VOID
    grade = Grade.VOID if both_void else _net_grade(returned, bet.risk_micro)
    return Settlement(grade, win.rule if both_void else "EACH-WAY", returned, returned - bet.risk_micro)

"""A live ticket, leg by leg: what is decided, what is still open, what it can still pay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from dbsbm.betting.grading import grade_leg
from dbsbm.betting.outcome import Grade, Outcome
from dbsbm.betting.profile import RuleProfile, TeaserPush
from dbsbm.betting.results import Result
from dbsbm.betting.settlement import Settlement, settle
from dbsbm.betting.tickets import Parlay, RoundRobin, Teaser
from dbsbm.core.errors import InputError


class Life(StrEnum):
    """Whether a ticket can still win."""

    ALIVE = "alive"
    DEAD = "dead"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class TicketState:
    """``legs`` has None where a leg is open. ``settlement`` is there as soon as the ticket is decided."""

    life: Life
    legs: tuple[Outcome | None, ...]
    won: int
    lost: int
    handed_back: int
    open: int
    settlement: Settlement | None


def ticket_state(
    bet: Parlay | Teaser | RoundRobin, results: Sequence[Result | None], profile: RuleProfile
) -> TicketState:
    """Where the ticket stands with the results so far, None for legs not played. Raises InputError as ``settle``."""
    if len(results) != len(bet.legs):
        raise InputError("results", str(len(results)), "there must be one per leg")
    legs = tuple(
        None if result is None else grade_leg(leg, result, profile)
        for leg, result in zip(bet.legs, results, strict=True)
    )
    grades = [leg.grade for leg in legs if leg]
    settlement = settle(bet, results, profile) if _decided(bet, legs, profile) else None
    return TicketState(
        life=Life.ALIVE if settlement is None else Life.DEAD if settlement.grade is Grade.LOST else Life.SETTLED,
        legs=legs,
        won=sum(grade in {Grade.WON, Grade.HALF_WON} for grade in grades),
        lost=sum(grade in {Grade.LOST, Grade.HALF_LOST} for grade in grades),
        handed_back=sum(grade in {Grade.PUSH, Grade.VOID} for grade in grades),
        open=len(legs) - len(grades),
        settlement=settlement,
    )


def _decided(bet: Parlay | Teaser | RoundRobin, legs: tuple[Outcome | None, ...], profile: RuleProfile) -> bool:
    grades = [leg.grade for leg in legs if leg]
    if len(grades) == len(legs):
        return True
    if isinstance(bet, RoundRobin):
        return False
    if isinstance(bet, Teaser):
        return Grade.LOST in grades or (Grade.PUSH in grades and (bet.push or profile.teaser_push) is TeaserPush.LOSES)
    return Grade.LOST in grades

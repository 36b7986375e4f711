"""The one algebra of settlement: which parts of a stake won, were handed back, and lost.

A leg's outcome is whole-number weights: ``win`` and ``push`` out of ``of``, the rest lost. Its factor is
R = (win · d + push) ÷ of, where d is the decimal price. Every rule ends here: a quarter line is 1 + 1 of 2 or 0 + 1 of
2, a dead heat of three for one place 1 + 0 of 3, the place part of an each-way bet at 1/5 is 1 + 4 of 5, Rule 4 at 25 %
is 3 + 1 of 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """What a leg or a bet came to."""

    WON = "won"
    LOST = "lost"
    PUSH = "push"
    VOID = "void"
    HALF_WON = "half_won"
    HALF_LOST = "half_lost"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Weights ``win`` and ``push`` out of ``of``, the grade they amount to, and the rule that decided."""

    grade: Grade
    rule: str
    win: int
    push: int
    of: int


WEIGHTS: dict[Grade, tuple[int, int, int]] = {
    Grade.WON: (1, 0, 1),
    Grade.LOST: (0, 0, 1),
    Grade.PUSH: (0, 1, 1),
    Grade.VOID: (0, 1, 1),
    Grade.HALF_WON: (1, 1, 2),
    Grade.HALF_LOST: (0, 1, 2),
}

Ladder = tuple[Outcome, Outcome, Outcome, Outcome, Outcome]
"""Lost, half lost, push, half won, won."""


def outcome(grade: Grade, rule: str) -> Outcome:
    """The plain outcome of a grade."""
    return Outcome(grade, rule, *WEIGHTS[grade])


def void(rule: str) -> Outcome:
    """No action."""
    return outcome(Grade.VOID, rule)


def ladder(rule: str, quarter_rule: str = "") -> Ladder:
    """The five outcomes a line can have; the half ones name ``quarter_rule`` when given."""
    half = quarter_rule or rule
    return (
        outcome(Grade.LOST, rule),
        outcome(Grade.HALF_LOST, half),
        outcome(Grade.PUSH, rule),
        outcome(Grade.HALF_WON, half),
        outcome(Grade.WON, rule),
    )


def rung(steps: Ladder, difference_q: int) -> Outcome:
    """Where a side stands that is ``difference_q`` quarter points past its line.

    Scores are whole points, so a difference of exactly one quarter happens on quarter lines only, and is half a result.
    """
    if difference_q > 1:
        return steps[4]
    if difference_q < -1:
        return steps[0]
    return steps[2 + difference_q]


def reach(low_q: int | None, high_q: int | None, decided: str, open_rule: str) -> Outcome:
    """Grade a side whose final difference to its line lies between ``low_q`` and ``high_q`` (None = unbounded).

    A quarter line is two half stakes, each decided or not on its own: over 2.75 with three goals and more to come has
    won its half on 2.5, and gets the other back. What is not decided is handed back; nothing decided is void.
    """
    bound = low_q if low_q is not None else high_q
    halves = (-1, 1) if bound is not None and bound % 2 else (0,)
    win = push = lost = 0
    for shift in halves:
        low = None if low_q is None else low_q + shift
        high = None if high_q is None else high_q + shift
        if low is not None and low > 0:
            win += 1
        elif high is not None and high < 0:
            lost += 1
        elif low == high == 0:
            push += 1
    of = len(halves)
    if win + push + lost == 0:
        return void(open_rule)
    if of in {win, lost, push}:
        return outcome(Grade.WON if win else Grade.LOST if lost else Grade.PUSH, decided)
    grade = Grade.HALF_WON if win else Grade.HALF_LOST if lost else Grade.PUSH
    return Outcome(grade, decided, win, of - win - lost, of)

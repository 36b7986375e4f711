"""The one algebra of settlement: which parts of a stake won, were handed back, and lost.

A leg's outcome is three whole-number weights (win, push, loss) out of their sum. Its factor is
R = (win · d + push) ÷ of, where d is the decimal price. Every rule ends here: a quarter line is (1, 1, 0) or
(0, 1, 1), a dead heat of three for one place (1, 0, 2), the place part of an each-way bet at 1/5 (1, 4, 0), Rule 4 at
25 % (3, 1, 0).
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
    """Weights out of ``of`` = win + push + loss, the grade they amount to, and the rule that decided."""

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


def outcome(grade: Grade, rule: str) -> Outcome:
    """The plain outcome of a grade."""
    return Outcome(grade, rule, *WEIGHTS[grade])

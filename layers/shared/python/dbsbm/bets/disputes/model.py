"""Cases: somebody whom a bet concerns says that its grade is wrong, and those who grade decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from dbsbm.betting.settlement import Grade
from dbsbm.core.errors import ConflictError

TIME = timedelta(hours=72)
"""How long after a decision it can be disputed."""
SAID_MAX = 500


class State(StrEnum):
    """How a case stands. *Asked*: its opener is to say more, and it can be decided all the same."""

    OPEN = "open"
    ASKED = "asked"
    UPHELD = "upheld"
    REGRADED = "regraded"
    TAKEN_BACK = "taken_back"

    @property
    def under_way(self) -> bool:
        return self in (State.OPEN, State.ASKED)


class Step(StrEnum):
    """What happened to a case."""

    OPENED = "opened"
    ASKED = "asked"
    ANSWERED = "answered"
    UPHELD = "upheld"
    REGRADED = "regraded"
    TAKEN_BACK = "taken_back"


LEADS_TO = {
    Step.OPENED: State.OPEN,
    Step.ASKED: State.ASKED,
    Step.ANSWERED: State.OPEN,
    Step.UPHELD: State.UPHELD,
    Step.REGRADED: State.REGRADED,
    Step.TAKEN_BACK: State.TAKEN_BACK,
}


class Verdict(StrEnum):
    """What those who grade can make of a case: a question, the grade as it stands, or another one."""

    UPHOLD = "uphold"
    ASK = "ask"
    WON = "won"
    LOST = "lost"
    PUSH = "push"
    VOID = "void"
    HALF_WON = "half_won"
    HALF_LOST = "half_lost"

    @property
    def grade(self) -> Grade | None:
        return None if self in (Verdict.UPHOLD, Verdict.ASK) else Grade(self.value)


class Refusal(StrEnum):
    """Why somebody cannot dispute a bet's grade."""

    NOT_GRADED = "not_graded"
    NOT_CONCERNED = "not_concerned"
    LATE = "late"
    OPEN_ALREADY = "open_already"
    DECIDED_BEFORE = "decided_before"


class RefusedError(ConflictError):
    """The grade cannot be disputed by this person now."""

    code = "dispute_refused"

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


class CaseMovedOnError(ConflictError):
    """The case, or the grade it is about, is not any more as the person saw it."""

    code = "case_moved_on"


@dataclass(frozen=True, slots=True)
class Event:
    """One step: who, when, in which words. ``grade`` is what the bet was re-graded to."""

    number: int
    step: Step
    user_id: int
    at: datetime
    said: str = ""
    proof: str = ""
    grade: Grade | None = None


@dataclass(frozen=True, slots=True)
class Dispute:
    """A case about the decision ``grade_seq`` of a bet. ``version`` rises with every step."""

    dispute_id: int
    bet_id: int
    opened_by: int
    grade_seq: int
    version: int
    state: State
    opened_at: datetime
    carded: bool = False
    """Whether those who grade have it as a message in their channel."""

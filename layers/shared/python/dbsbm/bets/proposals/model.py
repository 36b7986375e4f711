"""What results say of a bet, beside what was decided about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dbsbm.betting.settlement import Settlement


class ProposalStatus(StrEnum):
    """How a proposal stands.

    *Agreed*: the bet is graded so already. *Shadow*: the bet is withdrawn, and
    this is what it would have been.
    """

    HELD = "held"
    PROPOSED = "proposed"
    APPLIED = "applied"
    AGREED = "agreed"
    SHADOW = "shadow"


class Reason(StrEnum):
    """Why a bet was not graded without a person. The grade panel has the words."""

    NONE = ""
    ONE_SOURCE = "one_source"
    NOT_AUTOMATIC = "not_automatic"
    DISAGREE = "disagree"
    CALLED_OFF = "called_off"
    NO_REGULATION_SCORE = "no_regulation_score"
    NO_PERIOD_SCORE = "no_period_score"
    NO_BOX_SCORE = "no_box_score"
    NO_SUCH_STAT = "no_such_stat"
    UNKNOWN_PLAYER = "unknown_player"
    MAY_HAVE_PLAYED = "may_have_played"
    NO_RULE = "no_rule"
    TAKEN_BACK = "taken_back"
    PERSON_DECIDED = "person_decided"
    MOVED_ON = "moved_on"
    FROZEN = "frozen"


@dataclass(frozen=True, slots=True)
class Proposal:
    """``result`` is the score it rests on ("27-20", away first), of ``sources`` that say so.

    ``settlement`` is None where there never was one; a bet that is held keeps the last, and ``said`` is what the
    sources say instead. ``grade_seq`` is the decision that applied it, 0 when none did.
    """

    status: ProposalStatus
    result: str
    sources: int
    reason: Reason
    settlement: Settlement | None = None
    grade_seq: int = 0
    said: str = ""

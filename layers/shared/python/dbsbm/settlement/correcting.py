"""A single decision of the application: a ticket of several legs, or a grade that a corrected score takes back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from dbsbm.bets.grading import Decider, MovedOnError, Ruling, grade
from dbsbm.bets.model import AUTO
from dbsbm.bets.proposals.model import Proposal, ProposalStatus, Reason
from dbsbm.bets.proposals.repository import STAMP, STAMP_AND_NOTICE, Proposed
from dbsbm.bets.repository import BetRepository
from dbsbm.database.session import Session


@dataclass(frozen=True, slots=True)
class Correction:
    """A capper's bet to be graded as said; ``before`` is the score its standing grade rests on, "" while open."""

    guild_id: int
    bet_id: int
    capper_id: int
    proposal: Proposal
    before: str = ""


def correct(session: Session, correction: Correction, decided_by: int, now: datetime, cause: int) -> Proposed:
    """Decide by the same way as people: a standing grade is reversed and a new entry added, with the reason."""
    said, bet_id = correction.proposal, correction.bet_id
    if said.settlement is None:
        raise AssertionError("a bet is graded by a settlement")
    reason = f"score corrected: {correction.before} → {said.result}" if correction.before else ""
    by = Decider(decided_by, now, cause, AUTO, reason)
    repository = BetRepository(session, correction.guild_id)
    try:
        decided = grade(repository, bet_id, said.grade_seq - 1, Ruling.of(said.settlement), by)
    except MovedOnError:
        late = replace(said, status=ProposalStatus.PROPOSED, reason=Reason.MOVED_ON, grade_seq=0)
        return Proposed(correction.guild_id, bet_id, correction.capper_id, late)
    applied = replace(said, status=ProposalStatus.APPLIED, grade_seq=decided.grade_seq)
    stamp_due = STAMP_AND_NOTICE if correction.before else STAMP
    return Proposed(correction.guild_id, bet_id, correction.capper_id, applied, stamp_due)

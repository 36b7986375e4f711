"""The table ``capper_proposals``, always of one guild: what cappers say that their own open bets came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dbsbm.audit.events import Kind
from dbsbm.audit.events import bet as of_bet
from dbsbm.audit.repository import AuditRepository
from dbsbm.bets.model import Bet
from dbsbm.betting.settlement import Grade
from dbsbm.database.session import Row, Session


@dataclass(frozen=True, slots=True)
class CapperProposal:
    """A capper's word on an own bet that had ``grade_seq`` decisions. It decides nothing by itself."""

    bet_id: int
    grade_seq: int
    grade: Grade
    proposed_by: int
    proposed_at: datetime

    def stands(self, bet: Bet) -> bool:
        """Whether nobody has decided since."""
        return bet.grade is None and bet.grade_seq == self.grade_seq


class CapperProposalRepository:
    """The latest proposal of each bet."""

    def __init__(self, session: Session, guild_id: int) -> None:
        self._session = session
        self._guild_id = guild_id

    def put(self, proposal: CapperProposal) -> None:
        """A proposal, in the place of the one before it. The caller holds the bet's lock."""
        said = (proposal.grade_seq, proposal.grade.value, proposal.proposed_by, proposal.proposed_at)
        # By PRIMARY.
        self._session.execute(
            """INSERT INTO capper_proposals (guild_id, bet_id, grade_seq, grade, proposed_by, proposed_at)
               VALUES (%s, %s, %s, %s, %s, %s)
               ON DUPLICATE KEY UPDATE grade_seq = %s, grade = %s, proposed_by = %s, proposed_at = %s""",
            (self._guild_id, proposal.bet_id, *said, *said),
        )
        AuditRepository(self._session, self._guild_id).append(
            Kind.GRADE_PROPOSED,
            of_bet(proposal.bet_id, proposal.proposed_by),
            {"grade": proposal.grade.value, "decision": proposal.grade_seq},
        )

    def of(self, bets: Sequence[Bet]) -> dict[int, CapperProposal]:
        """The proposals that stand, by bet."""
        if not bets:
            return {}
        # By PRIMARY.
        rows = self._session.all(
            """SELECT bet_id, grade_seq, grade, proposed_by, proposed_at FROM capper_proposals
               WHERE guild_id = %s AND bet_id IN %s""",
            (self._guild_id, tuple(bet.bet_id for bet in bets)),
        )
        found = {row["bet_id"]: _proposal(row) for row in rows}
        return {bet.bet_id: found[bet.bet_id] for bet in bets if bet.bet_id in found and found[bet.bet_id].stands(bet)}


def _proposal(row: Row) -> CapperProposal:
    return CapperProposal(row["bet_id"], row["grade_seq"], Grade(row["grade"]), row["proposed_by"], row["proposed_at"])

"""Opening a case, asking and answering, and deciding it by the same way as every other grade."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dbsbm.bets import grading
from dbsbm.bets.disputes.model import (
    TIME,
    CaseMovedOnError,
    Dispute,
    Event,
    Refusal,
    RefusedError,
    State,
    Step,
)
from dbsbm.bets.disputes.repository import DisputeRepository
from dbsbm.bets.grading import Decider, Ruling
from dbsbm.bets.model import Bet
from dbsbm.bets.repository import BetRepository
from dbsbm.bets.tails.repository import TailRepository
from dbsbm.database.session import Session

_LOOKED_AT = 10
"""A bet's newest cases; more than one or two are rare."""


@dataclass(frozen=True, slots=True)
class Said:
    """Who says what, and when."""

    user_id: int
    at: datetime
    text: str
    proof: str = ""


class Cases:
    """The cases of one guild, and the grades that they change."""

    def __init__(self, session: Session, guild_id: int) -> None:
        self._cases = DisputeRepository(session, guild_id)
        self._bets = BetRepository(session, guild_id)
        self._tails = TailRepository(session, guild_id)

    def refusal(self, bet: Bet, user_id: int, at: datetime) -> Refusal | None:
        """Why a person cannot dispute the bet's grade now; None where they can."""
        last = self._bets.last_decision(bet.bet_id)
        if bet.grade is None or bet.withdrawn or last is None:
            return Refusal.NOT_GRADED
        if bet.capper_id != user_id:
            tail = self._tails.find(bet.bet_id, user_id)
            if tail is None or not tail.standing:
                return Refusal.NOT_CONCERNED
        if at - last.decided_at > TIME:
            return Refusal.LATE
        before = self._cases.of_bet(bet.bet_id, _LOOKED_AT)
        if any(case.state.under_way for case in before):
            return Refusal.OPEN_ALREADY
        same = (case for case in before if case.grade_seq == bet.grade_seq and case.opened_by == user_id)
        return Refusal.DECIDED_BEFORE if any(case.state is State.UPHELD for case in same) else None

    def open(self, dispute_id: int, bet_id: int, seen_seq: int, said: Said) -> tuple[Dispute, Bet]:
        """File a case about the decision that the person saw; the bet is under review from now on.

        Raises
        ------
        RefusedError
            When the person cannot dispute it.
        CaseMovedOnError
            When the bet was decided on meanwhile.
        """
        bet = self._bets.lock(bet_id)
        refused = self.refusal(bet, said.user_id, said.at)
        if refused is not None:
            raise RefusedError(refused)
        if bet.grade_seq != seen_seq:
            raise CaseMovedOnError(f"decision {bet.grade_seq}, {seen_seq} seen")
        case = Dispute(dispute_id, bet_id, said.user_id, bet.grade_seq, 1, State.OPEN, said.at)
        self._cases.add(case, Event(1, Step.OPENED, said.user_id, said.at, said.text, said.proof))
        self._bets.set_under_review(bet_id, True)
        return case, self._bets.bet(bet_id)

    def held(self, dispute_id: int, version: int, seen_seq: int) -> tuple[Dispute, Bet]:
        """A case under way with its bet, both locked, as the person saw them.

        Raises
        ------
        CaseMovedOnError
            When either has moved on.
        """
        bet = self._bets.lock(self._cases.case(dispute_id).bet_id)
        case = self._cases.lock(dispute_id)
        if case.version != version or not case.state.under_way or bet.grade_seq != seen_seq:
            raise CaseMovedOnError(f"version {case.version}, decision {bet.grade_seq}")
        return case, bet

    def say(self, case: Dispute, step: Step, said: Said) -> Dispute:
        """A question to the opener, or the opener's answer. The caller holds the locks."""
        event = Event(case.version + 1, step, said.user_id, said.at, said.text, said.proof)
        return self._cases.step(case, event)

    def close(self, case: Dispute, step: Step, said: Said) -> tuple[Dispute, Bet]:
        """The grade stands: it is upheld, or the case is taken back. The caller holds the locks."""
        closed = self.say(case, step, said)
        self._bets.set_under_review(case.bet_id, False)
        return closed, self._bets.bet(case.bet_id)

    def regrade(self, case: Dispute, bet: Bet, ruling: Ruling, by: Decider) -> tuple[Dispute, Bet]:
        """Another grade, by the way of every re-grade, with the reason. The caller holds the locks."""
        grading.grade(self._bets, bet.bet_id, bet.grade_seq, ruling, by)
        event = Event(case.version + 1, Step.REGRADED, by.user_id, by.at, by.reason, grade=ruling.grade)
        closed = self._cases.step(case, event)
        self._bets.set_under_review(bet.bet_id, False)
        return closed, self._bets.bet(bet.bet_id)

"""The tables ``disputes`` and ``dispute_events``, always of one guild."""

from __future__ import annotations

from collections.abc import Sequence

from dbsbm.audit.events import Kind, Subject
from dbsbm.audit.repository import AuditRepository
from dbsbm.bets.disputes.model import LEADS_TO, Dispute, Event, State, Step
from dbsbm.betting.settlement import Grade
from dbsbm.core.errors import NotFoundError
from dbsbm.database.session import Row, Session
from dbsbm.keys.words import CASE, SealedWords

_CASE = """SELECT dispute_id, bet_id, opened_by, grade_seq, version, state, opened_at, carded
 FROM disputes WHERE guild_id = %s """
_OF_BET = _CASE + "AND bet_id = %s ORDER BY dispute_id DESC LIMIT %s"
_UNDER_WAY = _CASE + "AND open_bet > 0 ORDER BY open_bet LIMIT %s"
_OF_OPENER = _CASE + "AND opened_by = %s ORDER BY dispute_id DESC LIMIT %s"
_ONE = _CASE + "AND dispute_id = %s"
_LOCKED = _CASE + "AND dispute_id = %s FOR UPDATE"


class DisputeRepository:
    """The cases of one guild. Who changes one holds the lock of its bet."""

    def __init__(self, session: Session, guild_id: int) -> None:
        self._session = session
        self._guild_id = guild_id
        self._words = SealedWords(session, guild_id)

    def add(self, dispute: Dispute, opened: Event) -> None:
        """A new case with its first step."""
        self._session.execute(
            """INSERT INTO disputes (guild_id, dispute_id, bet_id, open_bet, opened_by, grade_seq, version, state,
               opened_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            (
                self._guild_id,
                dispute.dispute_id,
                dispute.bet_id,
                dispute.bet_id,
                dispute.opened_by,
                dispute.grade_seq,
                dispute.version,
                dispute.state.value,
                dispute.opened_at,
            ),
        )
        self._append(dispute, opened)

    def step(self, dispute: Dispute, event: Event) -> Dispute:
        """Append a step and bring the case to where it leads."""
        state = LEADS_TO[event.step]
        # By PRIMARY.
        self._session.execute(
            "UPDATE disputes SET version = version + 1, state = %s, open_bet = %s "
            "WHERE guild_id = %s AND dispute_id = %s",
            (state.value, dispute.bet_id if state.under_way else None, self._guild_id, dispute.dispute_id),
        )
        self._append(dispute, event)
        return self.case(dispute.dispute_id)

    def mark_carded(self, dispute_id: int) -> None:
        """Those who grade have it in their channel."""
        # By PRIMARY.
        self._session.execute(
            "UPDATE disputes SET carded = 1 WHERE guild_id = %s AND dispute_id = %s", (self._guild_id, dispute_id)
        )

    def case(self, dispute_id: int) -> Dispute:
        """Raises NotFoundError when this guild has no such case."""
        # By PRIMARY.
        return _found(self._session.one(_ONE, (self._guild_id, dispute_id)), dispute_id)

    def lock(self, dispute_id: int) -> Dispute:
        """The case, held until the transaction ends. Raises NotFoundError."""
        # By PRIMARY.
        return _found(self._session.one(_LOCKED, (self._guild_id, dispute_id)), dispute_id)

    def of_bet(self, bet_id: int, limit: int) -> Sequence[Dispute]:
        """The cases about a bet, newest first."""
        # By disputes_by_bet, backwards.
        return [_dispute(row) for row in self._session.all(_OF_BET, (self._guild_id, bet_id, limit))]

    def under_way(self, limit: int) -> Sequence[Dispute]:
        """What waits for a decision, oldest bets first."""
        # By disputes_one_open, in order.
        return [_dispute(row) for row in self._session.all(_UNDER_WAY, (self._guild_id, limit))]

    def of_opener(self, user_id: int, limit: int) -> Sequence[Dispute]:
        """What somebody has opened, newest first."""
        # By disputes_by_opener, backwards.
        return [_dispute(row) for row in self._session.all(_OF_OPENER, (self._guild_id, user_id, limit))]

    def events(self, dispute_id: int) -> Sequence[Event]:
        """Every step of a case, oldest first."""
        # By PRIMARY.
        rows = self._session.all(
            """SELECT number, kind, user_id, at, said, proof, grade FROM dispute_events
               WHERE guild_id = %s AND dispute_id = %s ORDER BY number""",
            (self._guild_id, dispute_id),
        )
        words = self._words.of(CASE, dispute_id)
        return [
            Event(
                row["number"],
                Step(row["kind"]),
                row["user_id"],
                row["at"],
                words.get(row["number"], row)["said"],
                words.get(row["number"], row)["proof"],
                Grade(row["grade"]) if row["grade"] else None,
            )
            for row in rows
        ]

    def _append(self, dispute: Dispute, event: Event) -> None:
        self._session.execute(
            """INSERT INTO dispute_events (guild_id, dispute_id, number, kind, user_id, at, said, proof, grade)
               VALUES (%s, %s, %s, %s, %s, %s, '', '', %s)""",
            (
                self._guild_id,
                dispute.dispute_id,
                event.number,
                event.step.value,
                event.user_id,
                event.at,
                event.grade.value if event.grade else None,
            ),
        )
        if event.said or event.proof:
            words = {"said": event.said, "proof": event.proof}
            self._words.put(CASE, dispute.dispute_id, event.number, event.user_id, words)
        AuditRepository(self._session, self._guild_id).append(
            Kind.CASE_STEP,
            Subject(f"case:{dispute.dispute_id}", dispute.opened_by),
            {"number": event.number, "step": event.step.value, "grade": event.grade.value if event.grade else None},
            {"bet": str(dispute.bet_id), "said": event.said, "proof": event.proof},
        )


def _found(row: Row | None, dispute_id: int) -> Dispute:
    if row is None:
        raise NotFoundError(f"no case {dispute_id}")
    return _dispute(row)


def _dispute(row: Row) -> Dispute:
    return Dispute(
        row["dispute_id"],
        row["bet_id"],
        row["opened_by"],
        row["grade_seq"],
        row["version"],
        State(row["state"]),
        row["opened_at"],
        bool(row["carded"]),
    )

"""The table ``reveals``. Whose name it is stands nowhere in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dbsbm.audit.events import Kind, Subject
from dbsbm.audit.repository import AuditRepository
from dbsbm.core.errors import ConflictError, NotAllowedError, NotFoundError
from dbsbm.database.session import Row, Session

SHOWN_FOR = timedelta(hours=24)
ASKED_FOR = timedelta(hours=72)
"""Nobody approved it in that time: it is refused."""


@dataclass(frozen=True, slots=True)
class Asked:
    reveal_id: int
    case_id: str
    dataset: str
    pseudonym: str
    by: str


class RevealRepository:
    """Not guild-scoped: a case of the operators."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def ask(self, asked: Asked, at: datetime) -> None:
        """Somebody wants to know, for a case. Raises NotAllowedError without one."""
        if not asked.case_id.strip() or not asked.by.strip():
            raise NotAllowedError("a case and a name")
        self._session.execute(
            """INSERT INTO reveals (reveal_id, case_id, dataset, pseudonym, asked_by, asked_at)
               VALUES (%s, %s, %s, %s, %s, %s)""",
            (asked.reveal_id, asked.case_id, asked.dataset, asked.pseudonym, asked.by, at),
        )
        self._append(asked.reveal_id, "asked")

    def approve(self, reveal_id: int, by: str, at: datetime) -> None:
        """Another person agrees. Raises NotFoundError, NotAllowedError for the same person, ConflictError when late."""
        row = self._lock(reveal_id)
        if by.strip().casefold() in ("", str(row["asked_by"]).strip().casefold()):
            raise NotAllowedError("another person than the one who asked")
        if row["approved_by"] is not None or at >= row["asked_at"] + ASKED_FOR:
            raise ConflictError("approved already, or asked too long ago")
        # By PRIMARY.
        self._session.execute(
            "UPDATE reveals SET approved_by = %s, approved_at = %s, hidden_at = %s WHERE reveal_id = %s",
            (by, at, at + SHOWN_FOR, reveal_id),
        )
        self._append(reveal_id, "approved")

    def read(self, reveal_id: int, at: datetime) -> Asked:
        """What may be looked up now; every look is recorded. Raises NotFoundError, NotAllowedError."""
        row = self._lock(reveal_id)
        if row["approved_by"] is None:
            raise NotAllowedError("nobody else has approved it")
        if at >= row["hidden_at"]:
            raise NotAllowedError("hidden again")
        self._append(reveal_id, "read")
        return Asked(reveal_id, row["case_id"], row["dataset"], row["pseudonym"], row["asked_by"])

    def _lock(self, reveal_id: int) -> Row:
        # By PRIMARY.
        row = self._session.one("SELECT * FROM reveals WHERE reveal_id = %s FOR UPDATE", (reveal_id,))
        if row is None:
            raise NotFoundError(f"no reveal {reveal_id}")
        return row

    def _append(self, reveal_id: int, what: str) -> None:
        AuditRepository(self._session, 0).append(Kind.IDENTITY_REVEAL, Subject(f"reveal:{reveal_id}"), {"action": what})

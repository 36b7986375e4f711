"""The table ``reveals``. Whose name it is stands nowhere in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dbsbm.audit.events import Kind, Subject
from dbsbm.audit.repository import AuditRepository
from dbsbm.core.errors import DbsbmError, NotFoundError
from dbsbm.database.session import Row, Session

SHOWN_FOR = timedelta(hours=24)
ASKED_FOR = timedelta(hours=72)
"""Nobody approved it in that time: it is refused."""
_NEWEST = 20


class RevealError(DbsbmError):
    """The step cannot be taken; ``detail`` is one of the codes below."""

    code = "reveal"


OWN = "own"
MOVED_ON = "moved_on"


@dataclass(frozen=True, slots=True)
class Asked:
    """``by`` is an operator's short name, from an interaction that Discord signed."""

    reveal_id: int
    case_id: str
    dataset: str
    pseudonym: str
    by: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A reveal that waits for another operator, or that may be looked at, ``until`` then."""

    asked: Asked
    until: datetime
    approved: bool


class RevealRepository:
    """Not guild-scoped: a case of the operators."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def ask(self, asked: Asked, at: datetime) -> None:
        """Somebody wants to know, for a case."""
        self._session.execute(
            """INSERT INTO reveals (reveal_id, case_id, dataset, pseudonym, asked_by, asked_at)
               VALUES (%s, %s, %s, %s, %s, %s)""",
            (asked.reveal_id, asked.case_id, asked.dataset, asked.pseudonym, asked.by, at),
        )
        self._append(asked.reveal_id, "asked")

    def approve(self, reveal_id: int, by: str, at: datetime) -> None:
        """Another operator agrees. Raises NotFoundError, RevealError for whoever asked, or when it is over."""
        row = self._lock(reveal_id)
        if by == row["asked_by"]:
            raise RevealError(OWN)
        if row["approved_by"] is not None or at >= row["asked_at"] + ASKED_FOR:
            raise RevealError(MOVED_ON)
        # By PRIMARY.
        self._session.execute(
            "UPDATE reveals SET approved_by = %s, approved_at = %s, hidden_at = %s WHERE reveal_id = %s",
            (by, at, at + SHOWN_FOR, reveal_id),
        )
        self._append(reveal_id, "approved")

    def read(self, reveal_id: int, at: datetime) -> Asked:
        """What may be looked up now; every look is recorded. Raises NotFoundError, RevealError when it may not be."""
        row = self._lock(reveal_id)
        if row["approved_by"] is None or at >= row["hidden_at"]:
            raise RevealError(MOVED_ON)
        self._append(reveal_id, "read")
        return _asked(row)

    def standing(self, at: datetime) -> list[Standing]:
        """Those among the newest that wait or may be looked at, newest first (by PRIMARY, backwards)."""
        rows = self._session.all("SELECT * FROM reveals ORDER BY reveal_id DESC LIMIT %s", (_NEWEST,))
        found = [
            Standing(_asked(row), row["hidden_at"] or row["asked_at"] + ASKED_FOR, row["approved_by"] is not None)
            for row in rows
        ]
        return [each for each in found if each.until > at]

    def _lock(self, reveal_id: int) -> Row:
        # By PRIMARY.
        row = self._session.one("SELECT * FROM reveals WHERE reveal_id = %s FOR UPDATE", (reveal_id,))
        if row is None:
            raise NotFoundError(f"no reveal {reveal_id}")
        return row

    def _append(self, reveal_id: int, what: str) -> None:
        AuditRepository(self._session, 0).append(Kind.IDENTITY_REVEAL, Subject(f"reveal:{reveal_id}"), {"action": what})


def _asked(row: Row) -> Asked:
    return Asked(row["reveal_id"], row["case_id"], row["dataset"], row["pseudonym"], row["asked_by"])

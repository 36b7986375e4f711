"""What an operator does with outbox rows that need a person: look, try again, look in Discord, give up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dbsbm.core.errors import ConflictError, NotFoundError
from dbsbm.database.session import Row, Session
from dbsbm.outbox.model import RowState

NEEDS_A_PERSON = (RowState.DEAD, RowState.UNKNOWN)

_WORDS = {
    "10003": "the channel was deleted",
    "10004": "the bot is no longer in the server",
    "10008": "the message was deleted",
    "10015": "the webhook was deleted",
    "10062": "Discord no longer knows the interaction",
    "30046": "too many edits of messages older than an hour",
    "50001": "the bot cannot see the channel",
    "50013": "the bot lacks a permission in the channel",
    "50027": "the interaction's or webhook's token is no longer valid",
    "50035": "Discord refuses the content",
}
"""Discord's JSON error codes (Discord, "Opcodes and Status Codes")."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row as the operator sees it; nothing of its content."""

    id: str
    guild_id: int
    kind: str
    target_key: str
    state: RowState
    attempts: int
    created_at: datetime
    last_error: str

    @property
    def reason(self) -> str:
        """Why it stands here, in words."""
        if self.state is RowState.UNKNOWN:
            return f"sent, but nobody knows whether it arrived ({in_words(self.last_error)})"
        return in_words(self.last_error)


def in_words(error: str) -> str:
    """``403 50001 Missing Access`` → what that means, with Discord's own words behind it."""
    for code in re.findall(r"\b\d{5}\b", error):
        if code in _WORDS:
            return f"{_WORDS[code]} [{error}]"
    if error.startswith("no answer"):
        return f"Discord could not be reached [{error}]"
    return error or "no reason was noted"


class OutboxOperations:
    """Not guild-scoped: it is the operator's. Every change locks the target first, as delivery does."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def waiting(self, limit: int = 200) -> Sequence[Waiting]:
        """Rows that need a person, oldest attempt first (index outbox_due)."""
        rows = self._session.all(
            "SELECT id, guild_id, kind, target_key, state, attempts, created_at, last_error FROM outbox "
            "WHERE state IN ('dead', 'unknown') ORDER BY next_attempt_at, id LIMIT %s",
            (limit,),
        )
        return tuple(_waiting(row) for row in rows)

    def retry(self, row_id: str, now: datetime) -> Waiting:
        """Send it again at once. One that is unknown may then be there twice: :meth:`reconcile` looks first.

        Raises
        ------
        NotFoundError
            When there is no such row.
        ConflictError
            When it does not need a person, its token is forgotten, or a later state of its target is shown already.
        """
        row = self._locked(row_id)
        self._check_sendable(row)
        self._session.execute(
            "UPDATE outbox SET state = 'pending', next_attempt_at = %s, sending_at = NULL WHERE id = %s", (now, row_id)
        )
        return row

    def reconcile(self, row_id: str, now: datetime) -> Waiting:
        """Let delivery look in the channel whether it arrived, and send it only if it did not.

        Raises
        ------
        NotFoundError, ConflictError
            As :meth:`retry`; also when the row is not in doubt.
        """
        row = self._locked(row_id)
        if row.state is not RowState.UNKNOWN:
            raise ConflictError(f"{row_id} is {row.state}, not unknown: there is nothing to look for")
        self._check_sendable(row)
        self._session.execute(
            "UPDATE outbox SET state = 'sending', next_attempt_at = %s, sending_at = COALESCE(sending_at, created_at) "
            "WHERE id = %s",
            (now, row_id),
        )
        return row

    def drop(self, row_id: str) -> Waiting:
        """Give it up for good.

        Raises
        ------
        NotFoundError, ConflictError
            When there is no such row, or it does not need a person.
        """
        row = self._locked(row_id)
        self._session.execute("UPDATE outbox SET state = 'dropped' WHERE id = %s", (row_id,))
        return row

    def _locked(self, row_id: str) -> Waiting:
        found = self._session.one("SELECT target_key FROM outbox WHERE id = %s", (row_id,))
        if found is None:
            raise NotFoundError(f"no outbox row {row_id}")
        key = found["target_key"]
        self._session.one("SELECT target_key FROM outbox_targets WHERE target_key = %s FOR UPDATE", (key,))
        row = self._session.one(
            "SELECT id, guild_id, kind, target_key, state, attempts, created_at, last_error FROM outbox "
            "WHERE id = %s FOR UPDATE",
            (row_id,),
        )
        if row is None or row["state"] not in NEEDS_A_PERSON:
            raise ConflictError(f"{row_id} is {row['state'] if row else 'gone'}: it needs nobody")
        return _waiting(row)

    def _check_sendable(self, row: Waiting) -> None:
        if row.kind == "reply.edit":
            raise ConflictError(f"{row.id} answers an interaction whose token is forgotten: only drop is left")
        later = self._session.one(
            "SELECT later.id FROM outbox this JOIN outbox later ON later.target_key = this.target_key "
            "AND later.seq > this.seq AND later.state = 'sent' WHERE this.id = %s LIMIT 1",
            (row.id,),
        )
        if later is not None:
            raise ConflictError(f"{row.id}: Discord shows a later state already ({later['id']}); only drop is left")


def _waiting(row: Row) -> Waiting:
    return Waiting(
        row["id"],
        row["guild_id"],
        row["kind"],
        row["target_key"],
        RowState(row["state"]),
        row["attempts"],
        row["created_at"],
        row["last_error"] or "",
    )

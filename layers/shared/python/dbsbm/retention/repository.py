"""Removes what its time is over for, in bounded batches. Not guild-scoped: it is housekeeping.

Rows of a community under a legal hold stay, whatever their age.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from dbsbm.audit.events import Kind, Subject
from dbsbm.audit.repository import AuditRepository
from dbsbm.database.session import Row, Session

_TOLD_KEYS = """DELETE FROM webhook_events WHERE guild_id = %s AND endpoint_id = %s AND event_id = %s AND state = %s
 AND occurred_at < %s AND NOT EXISTS (SELECT 1 FROM legal_holds h
 WHERE h.guild_id = webhook_events.guild_id AND h.released_at IS NULL)"""
ARCHIVED: Mapping[str, str] = {
    "outbox": """SELECT o.id, o.guild_id, o.kind, o.seq, o.state, o.attempts, o.next_attempt_at, o.expires_at,
 o.created_at, o.sending_at, o.sent_at, o.message_id FROM outbox o
 WHERE o.state = %s AND o.next_attempt_at < %s AND NOT EXISTS (SELECT 1 FROM legal_holds h
 WHERE h.guild_id = o.guild_id AND h.released_at IS NULL) ORDER BY o.next_attempt_at, o.id LIMIT %s""",
    "webhook_events": """SELECT e.guild_id, e.endpoint_id, e.event_id, e.event, e.seq, e.occurred_at, e.state,
 e.attempts, e.attempted_at, e.status FROM webhook_events e
 WHERE e.state = %s AND e.occurred_at < %s AND NOT EXISTS (SELECT 1 FROM legal_holds h
 WHERE h.guild_id = e.guild_id AND h.released_at IS NULL) ORDER BY e.occurred_at, e.event_id LIMIT %s""",
}
"""What is archived of a table: by outbox_due and webhook_events_due."""


class RetentionRepository:
    """Each call removes at most ``limit`` rows and says how many it did."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def interactions(self, _state: str, before: datetime, limit: int) -> int:
        """Claims with their replies (index interactions_by_age)."""
        return self._session.execute(
            "DELETE FROM interactions WHERE claimed_at < %s AND NOT EXISTS (SELECT 1 FROM legal_holds h "
            "WHERE h.guild_id = interactions.guild_id AND h.released_at IS NULL) ORDER BY claimed_at LIMIT %s",
            (before, limit),
        )

    def outbox(self, state: str, before: datetime, limit: int) -> int:
        """Finished rows of a state (index outbox_due: ``next_attempt_at`` is when they were last due)."""
        return self._session.execute(
            "DELETE FROM outbox WHERE state = %s AND next_attempt_at < %s AND NOT EXISTS (SELECT 1 FROM legal_holds h "
            "WHERE h.guild_id = outbox.guild_id AND h.released_at IS NULL) ORDER BY next_attempt_at LIMIT %s",
            (state, before, limit),
        )

    def tokens(self, state: str, expired_before: datetime, limit: int) -> int:
        """Tokens of answers whose interaction Discord has forgotten (index outbox_due): a secret is held for nobody."""
        return self._session.execute(
            "UPDATE outbox SET target = JSON_REMOVE(target, '$.token_cipher') WHERE state = %s "
            "AND next_attempt_at < %s "
            "AND kind IN ('reply.edit', 'attachment.fetch', 'import.work', 'export.make', 'setup.test') "
            "AND expires_at < %s AND JSON_EXTRACT(target, '$.token_cipher') IS NOT NULL "
            "ORDER BY next_attempt_at LIMIT %s",
            (state, expired_before, expired_before, limit),
        )

    def imports(self, state: str, before: datetime, limit: int) -> int:
        """Files that came to nothing, with what they held (index imports_by_age)."""
        return self._session.execute(
            "DELETE FROM imports WHERE state = %s AND created_at < %s AND NOT EXISTS (SELECT 1 FROM legal_holds h "
            "WHERE h.guild_id = imports.guild_id AND h.released_at IS NULL) ORDER BY created_at LIMIT %s",
            (state, before, limit),
        )

    def drafts(self, _state: str, before: datetime, limit: int) -> int:
        """What people typed, in the open until then (index drafts_by_age)."""
        return self._session.execute(
            "DELETE FROM drafts WHERE updated_at < %s AND NOT EXISTS (SELECT 1 FROM legal_holds h "
            "WHERE h.guild_id = drafts.guild_id AND h.released_at IS NULL) ORDER BY updated_at LIMIT %s",
            (before, limit),
        )

    def words(self, _state: str, before: datetime, limit: int) -> int:
        """Sealed files of imports (index sealed_words_by_age)."""
        return self._session.execute(
            "DELETE FROM sealed_words WHERE place = 'import' AND sealed_at < %s AND NOT EXISTS (SELECT 1 "
            "FROM legal_holds h WHERE h.guild_id = sealed_words.guild_id AND h.released_at IS NULL) "
            "ORDER BY sealed_at LIMIT %s",
            (before, limit),
        )

    def over(self, table: str, state: str, before: datetime, limit: int) -> Sequence[Row]:
        """Rows to be archived, oldest first: what is of nobody."""
        return self._session.all(ARCHIVED[table], (state, before, limit))

    def drop_posts(self, rows: Sequence[Row], state: str, before: datetime) -> int:
        """Outbox rows that were archived, as far as they are still over (by PRIMARY)."""
        return self._session.execute(
            "DELETE FROM outbox WHERE id IN %s AND state = %s AND next_attempt_at < %s AND NOT EXISTS (SELECT 1 "
            "FROM legal_holds h WHERE h.guild_id = outbox.guild_id AND h.released_at IS NULL)",
            ([row["id"] for row in rows], state, before),
        )

    def drop_told(self, rows: Sequence[Row], state: str, before: datetime) -> int:
        """Events that were archived, as far as they are still over (each by PRIMARY)."""
        return sum(
            self._session.execute(_TOLD_KEYS, (row["guild_id"], row["endpoint_id"], row["event_id"], state, before))
            for row in rows
        )

    def note(self, digest: str, table: str, rows: int, at: datetime) -> None:
        """That an archive is there and was read back (by PRIMARY)."""
        self._session.execute(
            "INSERT IGNORE INTO archive_manifest (digest, table_name, rows_kept, archived_at) VALUES (%s, %s, %s, %s)",
            (digest, table, rows, at),
        )


class HoldRepository:
    """Legal holds of communities."""

    def __init__(self, session: Session, guild_id: int) -> None:
        self._session = session
        self._guild_id = guild_id

    def place(self, case: str, by: str, at: datetime) -> None:
        """From now on nothing of the community is removed because of its age. Once only for a case."""
        self._session.execute(
            "INSERT IGNORE INTO legal_holds (guild_id, case_id, placed_by, placed_at) VALUES (%s, %s, %s, %s)",
            (self._guild_id, case, by, at),
        )
        self._append(case, "placed")

    def release(self, case: str, at: datetime) -> int:
        """The end of one case's hold; others go on (by PRIMARY)."""
        released = self._session.execute(
            "UPDATE legal_holds SET released_at = %s WHERE guild_id = %s AND case_id = %s AND released_at IS NULL",
            (at, self._guild_id, case),
        )
        if released:
            self._append(case, "released")
        return released

    def _append(self, case: str, what: str) -> None:
        AuditRepository(self._session, self._guild_id).append(
            Kind.LEGAL_HOLD, Subject(f"hold:{case}"), {"action": what}
        )

"""Removes what its time is over for, in bounded batches. Not guild-scoped: it is housekeeping."""

from __future__ import annotations

from datetime import datetime

from dbsbm.database.session import Session


class RetentionRepository:
    """Each call removes at most ``limit`` rows and says how many it did."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def interactions(self, before: datetime, limit: int) -> int:
        """Claims with their replies (index interactions_by_age)."""
        return self._session.execute(
            "DELETE FROM interactions WHERE claimed_at < %s ORDER BY claimed_at LIMIT %s", (before, limit)
        )

    def outbox(self, state: str, before: datetime, limit: int) -> int:
        """Finished rows of a state (index outbox_due: ``next_attempt_at`` is when they were last due)."""
        return self._session.execute(
            "DELETE FROM outbox WHERE state = %s AND next_attempt_at < %s ORDER BY next_attempt_at LIMIT %s",
            (state, before, limit),
        )

    def forget_tokens(self, state: str, expired_before: datetime, limit: int) -> int:
        """Tokens of answers whose interaction Discord has forgotten (index outbox_due)."""
        return self._session.execute(
            "UPDATE outbox SET target = JSON_REMOVE(target, '$.token_cipher') WHERE state = %s "
            "AND next_attempt_at < %s AND kind IN ('reply.edit', 'attachment.fetch', 'import.work', 'export.make') "
            "AND expires_at < %s AND JSON_EXTRACT(target, '$.token_cipher') IS NOT NULL "
            "ORDER BY next_attempt_at LIMIT %s",
            (state, expired_before, expired_before, limit),
        )

    def imports(self, state: str, before: datetime, limit: int) -> int:
        """Files that came to nothing, with what they held (index imports_by_age)."""
        return self._session.execute(
            "DELETE FROM imports WHERE state = %s AND created_at < %s ORDER BY created_at LIMIT %s",
            (state, before, limit),
        )

    def webhook_events(self, state: str, before: datetime, limit: int) -> int:
        """What endpoints were told, or were not in all that time (index webhook_events_due)."""
        return self._session.execute(
            "DELETE FROM webhook_events WHERE state = %s AND occurred_at < %s ORDER BY occurred_at LIMIT %s",
            (state, before, limit),
        )

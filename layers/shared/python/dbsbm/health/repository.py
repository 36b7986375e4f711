"""What the database knows of how things go. Not guild-scoped: it is the operator's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dbsbm.database.session import Session


@dataclass(frozen=True, slots=True)
class Trouble:
    """An outbox row that was tried and did not go out: since when it waits and what was said of it."""

    created_at: datetime
    reason: str


class HealthRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def outbox_counts(self) -> Mapping[str, int]:
        """Rows that are not finished or need a person, by state (index outbox_due)."""
        rows = self._session.all(
            "SELECT state, COUNT(*) AS n FROM outbox WHERE state IN ('pending', 'sending', 'dead', 'unknown') "
            "GROUP BY state"
        )
        return {row["state"]: row["n"] for row in rows}

    def oldest_due(self) -> datetime | None:
        row = self._session.one(
            "SELECT MIN(next_attempt_at) AS at FROM outbox WHERE state IN ('pending', 'sending')", ()
        )
        return row["at"] if row else None

    def last_sent(self) -> datetime | None:
        """When Discord last took something (of the newest rows by their time of attempt)."""
        row = self._session.one("SELECT sent_at FROM outbox WHERE state = 'sent' ORDER BY next_attempt_at DESC LIMIT 1")
        return row["sent_at"] if row else None

    def trouble(self) -> Trouble | None:
        row = self._session.one(
            "SELECT created_at, last_error FROM outbox WHERE state IN ('pending', 'sending') AND attempts > 0 "
            "AND last_error IS NOT NULL ORDER BY next_attempt_at LIMIT 1"
        )
        return Trouble(row["created_at"], row["last_error"]) if row else None

    def last_feed(self) -> datetime | None:
        """When a provider's document was last stored; a row per league and kind."""
        row = self._session.one("SELECT MAX(fetched_at) AS at FROM feed_fetches")
        return row["at"] if row else None

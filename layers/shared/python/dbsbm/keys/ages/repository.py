"""The table ``key_ages``."""

from __future__ import annotations

from datetime import datetime

from dbsbm.database.session import Row, Session
from dbsbm.keys.ages.model import Age


class AgeRepository:
    """Not guild-scoped: keys of the product."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, age: Age, state: str, seen_at: datetime) -> None:
        # By PRIMARY.
        self._session.execute(
            """INSERT INTO key_ages (kind, name, since, due_at, state, evidence, seen_at)
               VALUES (%s, %s, %s, %s, %s, %s, %s) ON DUPLICATE KEY UPDATE since = VALUES(since),
               due_at = VALUES(due_at), state = VALUES(state), evidence = VALUES(evidence),
               seen_at = VALUES(seen_at)""",
            (age.kind, age.name, age.since, age.due_at, state, age.evidence[:200], seen_at),
        )

    def of(self, kind: str) -> list[Row]:
        """What is known of the keys of a kind (by PRIMARY)."""
        return list(self._session.all("SELECT * FROM key_ages WHERE kind = %s ORDER BY name", (kind,)))

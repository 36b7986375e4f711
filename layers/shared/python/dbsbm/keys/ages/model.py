"""Ages and what they come to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

LONGEST = timedelta(days=90)
REMINDED = timedelta(days=10)
"""So long before it is overdue, a key is due: time for those that a person has to change."""


@dataclass(frozen=True, slots=True)
class Age:
    """One key. ``since`` is when what is in use now was made, None where there is none yet."""

    kind: str
    name: str
    since: datetime | None
    evidence: str
    longest: timedelta = LONGEST

    @property
    def due_at(self) -> datetime | None:
        return None if self.since is None else self.since + self.longest

    def state(self, now: datetime) -> str:
        """Fresh, due, overdue; unused while there is none."""
        if self.due_at is None:
            return "unused"
        if now >= self.due_at:
            return "overdue"
        return "due" if now >= self.due_at - REMINDED else "fresh"

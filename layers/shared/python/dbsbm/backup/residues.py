"""Whether somebody who had been erased when a backup was made stands in it: the canary, who is erased each day.

Everything of a backup is looked through as it is opened to be proven. Words sealed under a person's own key are not
opened: the owner's number stands beside them, and is what is looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from dbsbm.backup.model import Manifest
from dbsbm.backup.store import Store

Needles = Callable[[date], Sequence[str]]
"""What the canary of a day is known by."""
_CANARIES, _DAY, _SEARCHED = "canaries", "day", "searched_at"
_NULL = b"\\N"


@dataclass
class Search:
    """``day`` is the one of the canary, None when none had been erased by then; ``found`` the tables it stands in."""

    day: date | None
    needles: Sequence[bytes]
    found: list[str] = field(default_factory=list)

    def look(self, table: str, block: bytes) -> None:
        """Some lines of a table."""
        if table not in self.found and any(needle in block for needle in self.needles):
            self.found.append(table)


def search_for_canary(store: Store, manifest: Manifest, needles: Needles) -> Search:
    """A search for the last canary that was erased before the backup was made. Raises BackupError."""
    day = _last_erased(store, manifest)
    texts = [needle.encode() for needle in needles(day)] if day else []
    return Search(day, [*texts, *(text.hex().upper().encode() for text in texts)])


def _last_erased(store: Store, manifest: Manifest) -> date | None:
    for table in manifest.tables:
        if table.name == _CANARIES:
            day, searched = table.columns.index(_DAY), table.columns.index(_SEARCHED)
            rows = (line.split(b"\t") for block in store.lines(manifest, table) for line in block.splitlines())
            return max((date.fromisoformat(row[day].decode()) for row in rows if row[searched] != _NULL), default=None)
    return None

"""Which migrations may run while the version before still works: those that only add (expand), not those that take.

A deployment expands, shifts the traffic, and contracts when nothing runs that needs what goes. What a migration is
follows from its statements, so nobody has to remember to say so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from dbsbm.database.migrate import Migration, MigrationError

Phase = Literal["expand", "contract"]

_TAKES = (
    re.compile(r"\bDROP\s+(TABLE|COLUMN|DATABASE|SCHEMA|VIEW)\b", re.IGNORECASE),
    re.compile(r"\bDROP\s+(?!(INDEX|KEY|CONSTRAINT|FOREIGN|PRIMARY|CHECK|DEFAULT)\b)`?\w+`?\s*(,|$)", re.IGNORECASE),
    re.compile(r"\bRENAME\b", re.IGNORECASE),
    re.compile(r"\bCHANGE\s+(COLUMN\s+)?`?\w+`?\s+`?\w+`?", re.IGNORECASE),
    re.compile(r"\bTRUNCATE\b", re.IGNORECASE),
    re.compile(r"\b(MODIFY|ADD)\s+(COLUMN\s+)?(?![^,]*\b(NULL\s+DEFAULT|DEFAULT|AUTO_INCREMENT|GENERATED|AS\s*\()\b)"
               r"(?!(INDEX|KEY|UNIQUE|CONSTRAINT|PRIMARY|FOREIGN|FULLTEXT|CHECK)\b)`?\w+`?\s[^,]*\bNOT\s+NULL\b",
               re.IGNORECASE),
)  # fmt: skip
"""A dropped, renamed or emptied thing; a column that the version before does not fill and that must be filled."""


def takes(migration: Migration) -> tuple[str, ...]:
    """The statements that would break the version before: it reads what goes, or does not write what they ask for."""
    return tuple(each for each in migration.up if each.upper().startswith(("ALTER", "DROP", "RENAME", "TRUNCATE"))
                 and any(pattern.search(each) for pattern in _TAKES))  # fmt: skip


def target(known: Sequence[Migration], version: int, phase: Phase) -> int:
    """The version to bring a schema at ``version`` to. Expanding stops before the first that takes something.

    A schema without a table is nobody's yet, so all of it is made at once.

    Raises
    ------
    MigrationError
        When a migration that adds follows one that takes: they belong to two deployments.
    """
    if phase == "contract" or version == 0:
        return len(known)
    waiting = known[version:]
    first = next((index for index, each in enumerate(waiting) if takes(each)), len(waiting))
    late = [each.name for each in waiting[first:] if not takes(each)]
    if late:
        raise MigrationError(
            f"{late[0]} follows {waiting[first].name}, which takes something away: deploy as far as that one first"
        )
    return version + first

"""The log of an environment, to be gone through: its database, its bucket, and what was signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dbsbm.audit.checkpoint import KEY_ID, parsed, signatures
from dbsbm.audit.log.repository import LogRepository, Sealed
from dbsbm.audit.signer import CHECKPOINTS, public_key_key
from dbsbm.core.bucket import Bucket
from dbsbm.core.errors import DbsbmError
from dbsbm.database.database import Database

MOST_CHECKPOINTS = 5000
"""Those of some seventeen days; older ones hold when these do, for each was signed as a continuation."""


class HiddenError(DbsbmError):
    """The last checkpoint was deleted."""

    code = "audit_hidden"


@dataclass(frozen=True, slots=True)
class StoredLog:
    """``locked`` is the bucket of the checkpoints."""

    database: Database
    bucket: Bucket
    locked: Bucket
    origin: str
    at: datetime

    def size(self) -> int:
        with self.database.read() as session:
            return LogRepository(session).progress().size

    def published(self) -> int:
        with self.database.read() as session:
            return LogRepository(session).progress().published

    def leaves(self, first: int, end: int) -> Sequence[tuple[int, bytes]]:
        with self.database.read() as session:
            entries = LogRepository(session).entries(first, end)
        return [(entry.leaf_index or 0, entry.leaf()) for entry in entries]

    def beyond(self) -> int | None:
        with self.database.read() as session:
            return LogRepository(session).beyond()

    def tile(self, level: int, number: int) -> bytes:
        with self.database.read() as session:
            return LogRepository(session).tile(level, number)

    def object(self, key: str) -> bytes | None:
        return self.bucket.get(key)

    def checkpoints(self) -> Sequence[Sealed]:
        """Raises HiddenError, BucketError."""
        with self.database.read() as session:
            known = list(LogRepository(session).checkpoints_below(1 << 62, MOST_CHECKPOINTS))
        newest = newest_signed(self.locked, self.origin, self.at)
        kept = [each for each in known if newest is None or each.note != newest.note]
        return sorted([*kept, *([newest] if newest else [])], key=lambda each: each.size)


def newest_signed(locked: Bucket, origin: str, at: datetime) -> Sealed | None:
    """What was signed last, and the key it names. Raises HiddenError, BucketError, CheckpointError."""
    found = locked.first_version(CHECKPOINTS)
    if found is None:
        return None
    note = None if found[1] else locked.get(found[0])
    if note is None:
        raise HiddenError(found[0])
    text = note.decode()
    named = [signature[:KEY_ID] for signature in signatures(text, origin)]
    keys = [locked.get(public_key_key(key_id)) for key_id in named]
    return Sealed(parsed(text, origin).size, text, next((key for key in keys if key), b""), at)

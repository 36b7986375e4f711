"""Rows that are kept elsewhere before they go: written, read back, noted, and only then deleted.

An archive is gzip of JSON lines under the name of its own SHA-256, so a run that was cut off finds what it wrote and
goes on. Its bucket is locked: what is there cannot be changed or deleted before its time.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dbsbm.core.bucket import Bucket
from dbsbm.core.errors import DbsbmError
from dbsbm.database.database import Database
from dbsbm.database.session import Row, Session
from dbsbm.retention.policies import Table
from dbsbm.retention.repository import RetentionRepository


class ArchiveBrokenError(DbsbmError):
    """What was read back is not what was written. Nothing was deleted."""

    code = "archive_broken"
    retryable = True


@dataclass(frozen=True, slots=True)
class Batch:
    table: Table
    state: str
    before: datetime
    most: int


_DROPS: Mapping[Table, Callable[[RetentionRepository, Sequence[Row], str, datetime], int]] = {
    Table.OUTBOX: RetentionRepository.drop_posts,
    Table.WEBHOOK_EVENTS: RetentionRepository.drop_told,
}


def moved(database: Database, bucket: Bucket, batch: Batch) -> int:
    """Archive and delete some rows; returns how many went.

    Raises
    ------
    BucketError, ArchiveBrokenError
        Before anything was deleted.
    """
    with database.read() as session:
        rows = RetentionRepository(session).over(batch.table, batch.state, batch.before, batch.most)
    if not rows:
        return 0
    packed = pack(rows)
    digest = hashlib.sha256(packed).hexdigest()
    name = f"{batch.table}/{digest}.jsonl.gz"
    bucket.put(name, packed, new=True)
    if unpack(bucket.get(name) or b"", digest) != len(rows):
        raise ArchiveBrokenError(f"{name}: not the rows that were written")

    def dropped(session: Session) -> int:
        RetentionRepository(session).note(digest, batch.table, len(rows), session.cause.at)
        return _DROPS[batch.table](RetentionRepository(session), rows, batch.state, batch.before)

    return database.run(dropped)


def pack(rows: Sequence[Row]) -> bytes:
    """The same rows are always the same bytes."""
    lines = (json.dumps(_plain(row), sort_keys=True, separators=(",", ":")) for row in rows)
    return gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0)


def unpack(packed: bytes, digest: str) -> int:
    """How many rows an archive holds. Raises ArchiveBrokenError when it is not the one of that name."""
    if hashlib.sha256(packed).hexdigest() != digest:
        raise ArchiveBrokenError(f"{digest}: the bytes are others")
    return gzip.decompress(packed).count(b"\n")


def _plain(row: Row) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}

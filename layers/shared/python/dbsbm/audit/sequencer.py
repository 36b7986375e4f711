"""Takes events into the tree, brings the tree to the bucket, has it signed. Killed anywhere, the next run goes on.

Taking in is one transaction: leaf numbers, tiles and the new size together. What the bucket holds follows from the
database, and writing it again writes the same. The signer is asked last and trusts nothing that is said here.
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from dbsbm.audit import tree
from dbsbm.audit.checkpoint import opened
from dbsbm.audit.log.repository import LogRepository, Sealed
from dbsbm.audit.tiles import bundle, bundle_key, tile_key
from dbsbm.core import metrics
from dbsbm.core.aws import Invoke
from dbsbm.core.bucket import Bucket
from dbsbm.core.clock import Clock
from dbsbm.core.errors import DbsbmError
from dbsbm.database.database import Database
from dbsbm.database.session import Session

logger = logging.getLogger(__name__)

BATCH = 4096
"""Events to a transaction: some tens of milliseconds."""
STEP = 128 * tree.WIDTH
"""Leaves that are published before it is written down how far it came: a long backlog is done in several runs."""
PENDING = "pending"
"""Key of what waits to be signed."""
_STATEMENT_S = 20.0
_SIGNER = "job_audit_sign"
_SIGNER_S = 20.0


@dataclass(frozen=True, slots=True)
class Log:
    """What a run works with. ``origin`` is the log's name."""

    database: Database
    clock: Clock
    bucket: Bucket
    origin: str
    invoke: Invoke


def run(log: Log, has_time: Callable[[], bool]) -> dict[str, int]:
    """Take in what waits while there is time, publish it, have it signed.

    Raises
    ------
    DatabaseUnavailableError
        What was committed stays.
    BucketError
        When the bucket cannot be written; the next run publishes.
    """
    taken = 0
    while has_time():
        count = log.database.run(_taken_in, statement_s=_STATEMENT_S)
        taken += count
        if count < BATCH:
            break
    with log.database.read() as session:
        repository = LogRepository(session)
        progress, sealed = repository.progress(), repository.newest_checkpoint()
        waiting = repository.oldest_waiting()
    published = progress.published
    while published < progress.size and has_time():
        published = _published(log)
    signed = sealed.size if sealed else 0
    if published > signed:
        signed = _signed(log) or signed
    if taken:
        metrics.record(metrics.AUDIT_LEAVES, taken)
    lag = (log.clock.now() - waiting).total_seconds() if waiting else 0.0
    metrics.record(metrics.AUDIT_LAG, max(0.0, lag))
    return {"taken": taken, "size": progress.size, "published": published, "signed": signed}


def _taken_in(session: Session) -> int:
    """One batch of events into the tree; how many."""
    repository = LogRepository(session)
    if repository.oldest_waiting() is None:
        return 0
    size = repository.lock().size
    entries = repository.waiting(BATCH)
    changed = tree.extended(repository.tile, size, [tree.leaf_hash(entry.leaf()) for entry in entries])
    repository.place([entry.event_id for entry in entries], size)
    repository.put_tiles(changed)
    repository.grown(size + len(entries))
    return len(entries)


def _published(log: Log) -> int:
    """Bring the bucket to the tree's size, or a step nearer; returns the size it has."""
    with log.database.read() as session:
        progress = LogRepository(session).progress()
    done = progress.published
    if done and log.bucket.get(PENDING) is None:
        done = 0  # a bucket that lost everything is filled again
    size = min(progress.size, done + STEP)
    for number in range(done // tree.WIDTH, -(-size // tree.WIDTH)):
        with log.database.read(statement_s=_STATEMENT_S) as session:
            entries = LogRepository(session).entries(number * tree.WIDTH, min(size, (number + 1) * tree.WIDTH))
        log.bucket.put(bundle_key(number, len(entries)), bundle([entry.leaf() for entry in entries]))
    for level, number in _changed(done, size):
        with log.database.read() as session:
            hashes = LogRepository(session).tile(level, number)
        wide = tree.width(level, number, size)
        log.bucket.put(tile_key(level, number, wide), hashes[: wide * tree.HASH])
    with log.database.read() as session:
        root = tree.root(LogRepository(session).tile, size)
    pending = {"v": 1, "origin": log.origin, "size": size, "root": base64.b64encode(root).decode()}
    log.bucket.put(PENDING, json.dumps(pending).encode())
    log.database.run(lambda session: LogRepository(session).published(size))
    return size


def _changed(old: int, new: int) -> list[tuple[int, int]]:
    """The tiles, by level and number, that are longer in the larger tree."""
    found, level = [], 0
    while new >> (8 * level):
        first, last = (old >> (8 * level)) // tree.WIDTH, ((new >> (8 * level)) - 1) // tree.WIDTH
        found += [(level, number) for number in range(first, last + 1)]
        level += 1
    return found


def _signed(log: Log) -> int:
    """Ask the signer; the size of the checkpoint it gave, 0 when there is none. It is asked again with the next run."""
    try:
        answer = log.invoke(_SIGNER, {"v": 1, "origin": log.origin}, asynchronous=False, timeout_s=_SIGNER_S)
        if answer is None:
            return 0
        public_key = base64.b64decode(answer["public_key"])
        checkpoint = opened(answer["note"], log.origin, public_key)
        sealed = Sealed(checkpoint.size, answer["note"], public_key, log.clock.now())
        log.database.run(partial(_kept, sealed=sealed, root=checkpoint.root))
    except (DbsbmError, KeyError) as error:
        metrics.record(metrics.AUDIT_FAULTS, what="unsigned")
        logger.warning("not signed: %s", type(error).__name__)
        return 0
    return checkpoint.size


def _kept(session: Session, sealed: Sealed, root: bytes) -> None:
    repository = LogRepository(session)
    if tree.root(repository.tile, sealed.size) == root:
        repository.keep(sealed)

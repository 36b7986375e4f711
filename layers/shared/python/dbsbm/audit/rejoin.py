"""After a restore: what was signed since the backup is brought back from the bucket, so that the log can go on.

A restored database has fewer leaves than are signed, and the signer refuses whatever does not continue what it signed.
The leaves that are missing stand in the bucket's bundles. They are hashed first: nothing is written unless they lead to
the root that is signed. Written in steps, each a transaction; killed anywhere, it goes on when it is called again.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from dbsbm.audit import tree
from dbsbm.audit.checkpoint import CheckpointError, opened
from dbsbm.audit.events import Entry, canonical
from dbsbm.audit.log.repository import LogRepository, Sealed
from dbsbm.audit.sequencer import PENDING
from dbsbm.audit.stored import StoredLog
from dbsbm.audit.tiles import bundle_key, unbundled
from dbsbm.core.errors import DbsbmError
from dbsbm.database.session import Session

_STATEMENT_S = 20.0


class RejoinError(DbsbmError):
    """The bucket's leaves are not those that were signed: nothing was written."""

    code = "audit_rejoin"


@dataclass(frozen=True, slots=True)
class Rejoined:
    """The size that is signed; how many leaves came back, and how many events that happened since got new numbers."""

    signed: int
    brought: int
    renumbered: int


def rejoin(log: StoredLog) -> Rejoined:
    """Bring the database's log to what was published. Does nothing where it is there already.

    Raises
    ------
    RejoinError
        When the bucket's leaves are others than those that were signed, or some are missing.
    DatabaseUnavailableError, BucketError
        What was committed stays; it goes on when called again.
    """
    sealed, published, size = _newest(log), _published(log), log.size()
    if sealed is None or sealed.size <= size:
        return Rejoined(sealed.size if sealed else 0, 0, 0)
    _check(log, sealed, size, published)
    brought = renumbered = 0
    for first, leaves in _bundles(log, size, published):
        moved = log.database.run(partial(_placed, first=first, leaves=leaves), statement_s=_STATEMENT_S)
        brought, renumbered = brought + len(leaves), renumbered + moved
    log.database.run(partial(_kept, sealed=sealed, published=published))
    return Rejoined(sealed.size, brought, renumbered)


def _newest(log: StoredLog) -> Sealed | None:
    """What was signed last, once its signature holds."""
    found = list(log.checkpoints())
    if not found:
        return None
    try:
        opened(found[-1].note, log.origin, found[-1].public_key)
    except CheckpointError as error:
        raise RejoinError(f"the last checkpoint: {error.detail}") from error
    return found[-1]


def _published(log: StoredLog) -> int:
    stored = log.object(PENDING)
    return int(json.loads(stored)["size"]) if stored else 0


def _check(log: StoredLog, sealed: Sealed, size: int, published: int) -> None:
    """The tree as it will be, in memory, against the signed root."""
    tiles: dict[tuple[int, int], bytes] = {}

    def tile(level: int, number: int) -> bytes:
        return tiles.get((level, number)) or log.tile(level, number)

    for first, leaves in _bundles(log, size, published):
        tiles.update(tree.extended(tile, first, [tree.leaf_hash(leaf) for leaf in leaves]))
    root = base64.b64decode(sealed.note.split("\n")[2])
    if published < sealed.size or tree.root(tile, sealed.size) != root:
        raise RejoinError(f"the bucket's {published} leaves do not lead to the root that is signed for {sealed.size}")


def _bundles(log: StoredLog, size: int, published: int) -> Iterator[tuple[int, Sequence[bytes]]]:
    """The leaves from ``size`` on, a tile at a time, with the number of the first."""
    for number in range(size // tree.WIDTH, -(-published // tree.WIDTH)):
        start = number * tree.WIDTH
        wide = min(published - start, tree.WIDTH)
        stored = log.object(bundle_key(number, wide))
        leaves = list(unbundled(stored or b""))
        if len(leaves) != wide:
            raise RejoinError(f"bundle {number} has {len(leaves)} leaves of {wide}")
        first = max(size, start)
        yield first, leaves[first - start :]


def _placed(session: Session, first: int, leaves: Sequence[bytes]) -> int:
    """Leaves as rows, where a row with the number waits it is the leaf or gets another number; how many did."""
    repository = LogRepository(session)
    if repository.lock().size != first:
        raise RejoinError(f"somebody else extends the log behind {first}")
    entries = [_entry(leaf, first + at) for at, leaf in enumerate(leaves)]
    there = {entry.event_id: entry.leaf() for entry in repository.numbered([entry.event_id for entry in entries])}
    strangers = [entry.event_id for entry in entries if there.get(entry.event_id, entry.leaf()) != entry.leaf()]
    repository.renumber(strangers)
    known = there.keys() - set(strangers)
    repository.bring([entry for entry in entries if entry.event_id not in known])
    repository.put_leaves([entry for entry in entries if entry.event_id in known])
    repository.put_tiles(tree.extended(repository.tile, first, [tree.leaf_hash(leaf) for leaf in leaves]))
    repository.grown(first + len(leaves))
    return len(strangers)


def _entry(leaf: bytes, index: int) -> Entry:
    said: Mapping[str, str] = json.loads(leaf)
    entry = Entry(
        event_id=int(said["event"]),
        guild_id=int(said["guild"]),
        at=datetime.fromisoformat(said["at"]),
        kind=said["kind"],
        actor=said["actor"],
        object=said["object"],
        cause=int(said["cause"]),
        details=canonical(json.loads(leaf)["details"]).decode(),
        seal=said["seal"],
        leaf_index=index,
    )
    if entry.leaf() != leaf:
        raise RejoinError(f"leaf {index} cannot be written as a row")
    return entry


def _kept(session: Session, sealed: Sealed, published: int) -> None:
    repository = LogRepository(session)
    repository.keep(sealed)
    repository.published(published)

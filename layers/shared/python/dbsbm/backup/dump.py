"""Makes a backup: every row of one moment, cut into runs; what the last backup of the week has already is only named.

Runs are cut where a row's own bytes say so, so that rows which come or go move no more than the cuts beside them
(content-defined chunking: Muthitacharoen, Chen, Mazières, "A Low-bandwidth Network File System", 2001).
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from dbsbm.backup.model import BackupError, Manifest, Run, Source, TableDump, moment_in, name_of
from dbsbm.backup.repository import Table, TableRepository
from dbsbm.backup.sealing import Sealer
from dbsbm.backup.store import Store
from dbsbm.core.upload import Upload
from dbsbm.database.database import Database
from dbsbm.database.migrate import fingerprint

CUT_MASK = 0x0FFF
"""A run ends behind one row in 4,096."""
RUN_BYTES = 4 * 1024 * 1024
"""And never has more, whatever the rows say: what is held of a run is this, compressed and plain."""
STATEMENT_S = 120.0
FULL_EVERY = timedelta(days=6, hours=12)
"""From the seventh day on, whatever a schedule is late by."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to make. ``base``: the backup whose runs may be named; None: all of it is written. ``guild_id`` 0: all."""

    at: datetime
    base: Manifest | None = None
    guild_id: int = 0
    has_time: Callable[[], bool] = lambda: True


def back_up(database: Database, store: Store, order: Order) -> Manifest:
    """Make a backup and return its manifest, which is stored last: without it there is no backup.

    Raises
    ------
    BackupError
        When a row cannot be told as a line, or the time was not enough.
    DatabaseUnavailableError, BucketError
        Nothing is left of it.
    """
    name = name_of(order.at, order.guild_id)
    key, wrapped = store.keys.made(name)
    with store.data(name) as upload, database.read(statement_s=STATEMENT_S) as session:
        repository = TableRepository(session)
        repository.snapshot()
        version = repository.schema_version()
        writer = _Writer(name, Sealer(name, key), upload, order)
        tables = [
            writer.table(table, repository.lines(table, order.guild_id))
            for table in repository.tables()
            if table.of_guilds or not order.guild_id
        ]
        manifest = Manifest(
            backup=name,
            kind="increment" if order.base else "full",
            base=order.base.base if order.base else name,
            at=order.at,
            guild=order.guild_id,
            schema_version=version,
            schema_digest=fingerprint(version),
            checkpoint=repository.checkpoint(),
            sources=(),
            tables=tuple(tables),
        )
    manifest = writer.finished(manifest, Source(name, wrapped, upload.size))
    store.put(manifest)
    return manifest


def base_of(store: Store, at: datetime, guild_id: int = 0) -> Manifest | None:
    """The last backup of its kind, if its week's full one is not yet seven days old and all that it names is there.

    Raises
    ------
    BackupError
        When the last backup is not what was written.
    """
    names = store.names(guild_id)
    if not names:
        return None
    last = store.manifest(names[-1], guild_id)
    if at - moment_in(last.base) > FULL_EVERY:
        return None
    store.sizes(last)
    return last


@dataclass
class _Writer:
    """Writes runs one after another; ``_OWN`` stands for this backup's source until all are counted."""

    name: str
    sealer: Sealer
    upload: Upload
    order: Order
    number: int = 0
    known: dict[tuple[str, str], Run] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.order.base:
            self.known = {(table.name, run.digest): run for table, run in self.order.base.runs()}

    def table(self, table: Table, lines: Iterable[bytes]) -> TableDump:
        digest = hashlib.sha256()
        runs = []
        for taken in cut(lines):
            block = b"\n".join(taken) + b"\n"
            digest.update(block)
            runs.append(self._run(table, taken, block))
        return TableDump(table.name, table.names, sum(run.rows for run in runs), digest.hexdigest(), tuple(runs))

    def _run(self, table: Table, lines: list[bytes], block: bytes) -> Run:
        if not self.order.has_time():
            raise BackupError(f"{self.name}: the time was not enough, {table.name} is not through")
        digest = hashlib.sha256(block).hexdigest()
        known = self.known.get((table.name, digest))
        if known is not None:
            return known
        sealed = self.sealer.seal(self.number, block)
        first, last = (_guild(lines[0]), _guild(lines[-1])) if table.of_guilds else (0, 0)
        run = Run(_OWN, self.number, self.upload.size, len(sealed), len(lines), digest, first, last)
        self.upload.write(sealed)
        self.number += 1
        return run

    def finished(self, manifest: Manifest, own: Source) -> Manifest:
        """With the sources that its runs lie in, this backup's own first."""
        base = self.order.base.sources if self.order.base else ()
        used = sorted({run.source for _, run in manifest.runs()} - {_OWN})
        places = {_OWN: 0, **{source: place for place, source in enumerate(used, start=1)}}
        tables = tuple(replace(each, runs=tuple(_placed(each.runs, places))) for each in manifest.tables)
        return replace(manifest, sources=(own, *(base[source] for source in used)), tables=tables)


_OWN = -1


def cut(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Lines in runs."""
    taken: list[bytes] = []
    size = 0
    for line in lines:
        taken.append(line)
        size += len(line)
        if not zlib.crc32(line) & CUT_MASK or size >= RUN_BYTES:
            yield taken
            taken, size = [], 0
    if taken:
        yield taken


def _guild(line: bytes) -> int:
    return int(line.partition(b"\t")[0])


def _placed(runs: Iterable[Run], places: dict[int, int]) -> Iterator[Run]:
    return (replace(each, source=places[each.source]) for each in runs)

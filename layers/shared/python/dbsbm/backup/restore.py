"""Brings a backup back: everything into an empty schema, or one community into a schema that is in use.

Whatever is wrong with a backup is found before a row is written: its objects are looked for and every run of it is
opened and counted first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice, zip_longest
from threading import Lock

from dbsbm.audit.events import Kind, Subject
from dbsbm.audit.repository import AuditRepository
from dbsbm.backup.model import BackupError, Manifest, Run, TableDump
from dbsbm.backup.repository import Table, TableRepository
from dbsbm.backup.store import Store
from dbsbm.core.errors import DbsbmError
from dbsbm.database.database import Database
from dbsbm.database.migrate import fingerprint, migrate
from dbsbm.database.session import Session

STATEMENT_S = 600.0

LEFT_AS_IT_IS: Mapping[str, str] = {
    "erasures": "who was erased since must stay so",
    "audit_events": "the log of all only grows",
    "entitlements": "what was bought is Discord's word, and newer",
    "channel_webhooks": "what stands in Discord now",
    "unreachable_channels": "what stands in Discord now",
    "webhook_events": "what was told cannot be told anew",
    "legal_holds": "what a case needs now is not what it needed then",
    "sealing_progress": "how far old texts of all are sealed",
    "interactions": "who was answered is not asked anew, and they are gone after a day",
    "outbox": "what was sent cannot be sent anew",
    "outbox_targets": "what stands in Discord now",
}
"""Tables of communities that the restore of one does not touch, each with its reason."""
BROUGHT_BACK = frozenset({
    *("guilds", "cappers", "drafts", "bets", "bet_legs", "bet_revisions", "bet_grades", "bet_leg_results"),
    *("bet_proposals", "capper_proposals", "capper_totals", "ledger_entries", "clv_bets", "clv_legs"),
    *("grade_batches", "grade_batch_bets", "result_cards", "result_card_bets", "disputes", "dispute_events"),
    *("tails", "tail_news", "direct_members", "role_refusals", "routes", "imports", "imported_rows", "sealed_words"),
    *("community_routines", "community_plans", "community_posts", "community_counters", "community_top_roles"),
    "webhook_endpoints",
})  # fmt: skip
"""Those that it brings back: all others of communities."""


class RestoreRefusedError(DbsbmError):
    """The backup is sound, and does not belong where it was to go."""

    code = "restore_refused"


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back: tables and rows."""

    tables: int
    rows: int


def _unseen(_table: str, _lines: bytes) -> None:
    """Nobody looks at what is opened."""


def verify(store: Store, manifest: Manifest, look: Callable[[str, bytes], None] = _unseen) -> None:
    """Open every run and compare it with the manifest; nothing is written anywhere. ``look`` sees what is opened.

    Raises
    ------
    BackupError
        Naming the first thing that is missing or is not what was written.
    """
    if manifest.schema_digest != fingerprint(manifest.schema_version):
        raise BackupError(f"backup {manifest.backup} has a schema that these migrations do not make")
    store.sizes(manifest)
    for table in manifest.tables:
        digest = hashlib.sha256()
        for block in store.lines(manifest, table):
            digest.update(block)
            look(table.name, block)
        if digest.hexdigest() != table.digest:
            raise BackupError(f"backup {manifest.backup}, {table.name}: its runs are not the table")


def restore(store: Store, manifest: Manifest, databases: Sequence[Database], url: str) -> Restored:
    """Everything into the empty schema of ``url``, at the version it had; then read back and compared row by row.

    As many tables at once as there are ``databases``, each of which is a connection to ``url``.

    Raises
    ------
    BackupError
        Before anything is written when the backup is not sound; afterwards when the server has other rows.
    RestoreRefusedError
        When the schema is not empty, or the backup is of one community.
    """
    if manifest.guild:
        raise RestoreRefusedError(f"backup {manifest.backup} is of one community alone")
    verify(store, manifest)
    with databases[0].read() as session:
        present = TableRepository(session).tables()
        if any(not TableRepository(session).is_empty(table) for table in present):
            raise RestoreRefusedError("the schema has rows already; a restore never writes over any")
    migrate(url, to=manifest.schema_version)
    tables = tables_of(databases[0], manifest)
    left = sorted(manifest.tables, key=lambda dump: dump.rows)
    one_at_a_time = Lock()

    def brought_back(database: Database) -> None:
        """The largest table that is left, until none is."""
        try:
            while (dump := _largest(left)) is not None:
                lines = _in_turn(store.lines(manifest, dump), one_at_a_time)
                load(dump, lines, database, tables[dump.name])
                compare(store, manifest, dump, database, tables[dump.name])
        finally:
            left.clear()  # all are done, or one failed: nobody begins another

    with ThreadPoolExecutor(len(databases)) as pool:
        for done in [pool.submit(brought_back, database) for database in databases]:
            done.result()
    return Restored(len(manifest.tables), manifest.rows)


def tables_of(database: Database, manifest: Manifest) -> Mapping[str, Table]:
    """The schema's tables, by name.

    Raises
    ------
    RestoreRefusedError
        When they are not those of the backup.
    """
    with database.read() as session:
        tables = {table.name: table for table in TableRepository(session).tables()}
    wanted = {dump.name: dump.columns for dump in manifest.tables}
    if wanted != {name: table.names for name, table in tables.items() if name in wanted}:
        raise RestoreRefusedError(f"the schema has other tables or columns than backup {manifest.backup}")
    return tables


def load(dump: TableDump, lines: Iterable[bytes], database: Database, table: Table) -> None:
    """One table, in one transaction. Raises BackupError when the server took another number of rows."""
    with database.transaction(statement_s=STATEMENT_S) as session:
        repository = TableRepository(session)
        repository.loading()
        rows = repository.load(table, lines) if dump.rows else 0
        if rows != dump.rows:
            raise BackupError(f"{table.name}: {rows} rows came in of {dump.rows}")


def _largest(left: list[TableDump]) -> TableDump | None:
    """Taken away in one step: between a look and a step the last one may have gone to somebody else."""
    try:
        return left.pop()
    except IndexError:
        return None


def _in_turn(lines: Iterator[bytes], reading: Lock) -> Iterator[bytes]:
    """The bucket is read by one at a time."""
    while True:
        with reading:
            block = next(lines, None)
        if block is None:
            return
        yield block


def compare(store: Store, manifest: Manifest, dump: TableDump, database: Database, table: Table) -> None:
    """Every row of a table with every row of the backup, in order: all bytes of each run, by SHA-256.

    Raises
    ------
    BackupError
        With the number of the first row that differs. What stands in it is not said.
    """
    before = 0
    with database.read(statement_s=STATEMENT_S) as session:
        lines = TableRepository(session).lines(table)
        for run in dump.runs:
            taken = list(islice(lines, run.rows))
            if hashlib.sha256(b"".join([line + b"\n" for line in taken])).hexdigest() != run.digest:
                number = before + _first_other(store, manifest, dump, run, taken)
                raise BackupError(f"backup {manifest.backup}, {table.name}: row {number} is not what came back")
            before += run.rows
        if next(lines, None) is not None:
            raise BackupError(f"backup {manifest.backup}, {table.name}: row {before + 1} is not what came back")


def _first_other(store: Store, manifest: Manifest, dump: TableDump, run: Run, taken: Sequence[bytes]) -> int:
    """Which of a run's rows is the first that is another, counted from 1."""
    [block] = store.lines(manifest, dump, [run])
    pairs = zip_longest(taken, block[:-1].split(b"\n"))
    return next(number for number, (is_, was) in enumerate(pairs, start=1) if is_ != was)


def restore_guild(
    store: Store,
    manifest: Manifest,
    database: Database,
    guild_id: int,
    and_then: Callable[[Session, Sequence[Table]], None],
) -> Restored:
    """One community as it was, in one transaction, which ``and_then`` adds to; the others are not touched.

    Raises
    ------
    BackupError
        Before anything is written when the backup is not sound, or knows nothing of the community.
    RestoreRefusedError
        When the schema has another version than the backup.
    """
    verify(store, manifest)
    tables = tables_of(database, manifest)
    wanted = [dump for dump in manifest.tables if dump.name in BROUGHT_BACK]
    if not any(True for _ in lines_of(store, manifest, manifest.table("guilds"), guild_id)):
        raise BackupError(f"backup {manifest.backup} has no community {guild_id}")
    with database.transaction(statement_s=STATEMENT_S) as session:
        repository, rows = TableRepository(session), 0
        if repository.schema_version() != manifest.schema_version:
            raise RestoreRefusedError(f"backup {manifest.backup} has version {manifest.schema_version} of the schema")
        for dump in wanted:
            repository.remove_guild(tables[dump.name], guild_id)
            rows += repository.load(tables[dump.name], lines_of(store, manifest, dump, guild_id))
        details = {"backup": manifest.backup, "rows": rows, "tables": len(wanted)}
        AuditRepository(session, guild_id).append(Kind.GUILD_RESTORED, Subject("guild"), details)
        and_then(session, [tables[dump.name] for dump in wanted])
    return Restored(len(wanted), rows)


def lines_of(store: Store, manifest: Manifest, dump: TableDump, guild_id: int) -> Iterator[bytes]:
    """One community's lines of a table, block by block; runs of others alone are not fetched."""
    own = b"%d\t" % guild_id
    for block in store.lines(manifest, dump, _around(dump.runs, guild_id)):
        lines = [line for line in block[:-1].split(b"\n") if line.startswith(own) or line == own[:-1]]
        if lines:
            yield b"\n".join(lines) + b"\n"


def _around(runs: Iterable[Run], guild_id: int) -> Sequence[Run]:
    return [run for run in runs if run.first <= guild_id <= run.last]

"""Restores the newest backup into a schema of its own, table by table, and compares every row.

A table is loaded, compared and emptied before the next one, so that the server needs room for the largest alone. What
was not reached in one run is for the next one: how far it came is noted beside the backup, table by table, so that a
run that is cut off loses the one table it was at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

from dbsbm.backup import restore
from dbsbm.backup.model import Manifest
from dbsbm.backup.repository import TableRepository
from dbsbm.backup.residues import Needles, Search, search_for_canary
from dbsbm.backup.store import Store
from dbsbm.core.clock import Clock
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from dbsbm.database.migrate import migrate

SUFFIX = "_restore_check"
Told = Callable[[Search], None]


@dataclass(frozen=True, slots=True)
class Checked:
    """``done`` of the tables of a backup have been compared; ``rows`` in this run.

    ``search`` is the one for the day's canary, None where an earlier run made it.
    """

    manifest: Manifest
    done: int
    rows: int
    search: Search | None

    @property
    def whole(self) -> bool:
        return self.done == len(self.manifest.tables)


def check_newest(
    store: Store, url: str, clock: Clock, needles: Needles, *, told: Told, has_time: Callable[[], bool]
) -> Checked | None:
    """Go on with the newest backup; None when there is no backup at all. ``told`` hears of a search once it is made.

    Raises
    ------
    BackupError
        When it is not sound, or came back otherwise.
    """
    names = store.names()
    if not names:
        return None
    manifest = store.manifest(names[-1])
    done = set(store.notes(manifest.backup).get("tables", []))
    left = [dump for dump in manifest.tables if dump.name not in done]
    if not left:
        return Checked(manifest, len(manifest.tables), 0, None)
    search = None
    if not done:
        search = search_for_canary(store, manifest, needles)
        restore.verify(store, manifest, search.look)
        told(search)
    rows = 0
    with _Scratch(url, manifest, clock) as database:
        tables = restore.tables_of(database, manifest)
        for dump in left:
            if not has_time():
                break
            restore.load(dump, store.lines(manifest, dump), database, tables[dump.name])
            restore.compare(store, manifest, dump, database, tables[dump.name])
            with database.transaction(statement_s=restore.STATEMENT_S) as session:
                TableRepository(session).clear(tables[dump.name])
            done.add(dump.name)
            rows += dump.rows
            whole = len(done) == len(manifest.tables)
            store.note(manifest.backup, {"v": 1, "tables": sorted(done), "at": clock.now().isoformat(), "whole": whole})
    return Checked(manifest, len(done), rows, search)


def age_s(store: Store, now: datetime) -> float | None:
    """How old the newest backup is, None without any."""
    names = store.names()
    return (now - store.manifest(names[-1]).at).total_seconds() if names else None


class _Scratch:
    """A schema beside the one of ``url``, made with the migrations of the backup's version and dropped at the end."""

    def __init__(self, url: str, manifest: Manifest, clock: Clock) -> None:
        parts = urlsplit(url)
        self._name = parts.path.strip("/") + SUFFIX
        self._url = urlunsplit(parts._replace(path=f"/{self._name}"))
        self._version = manifest.schema_version
        self._beside = Database(lambda: connect_from_url(url), clock)
        self._database = Database(lambda: connect_from_url(self._url, loads=True), clock)

    def __enter__(self) -> Database:
        with self._beside.read(statement_s=restore.STATEMENT_S) as session:
            TableRepository(session).schema_anew(self._name)
        migrate(self._url, to=self._version)
        return self._database

    def __exit__(self, *_: object) -> None:
        self._database.close()
        with self._beside.read(statement_s=restore.STATEMENT_S) as session:
            TableRepository(session).drop_schema(self._name)
        self._beside.close()

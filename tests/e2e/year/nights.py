"""What the database held at each backup of the last 35 nights, and whether the backups still say so."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dbsbm.backup import restore
from dbsbm.backup.repository import TableRepository
from dbsbm.core.clock import SystemClock
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from tests.e2e.backups import store_of
from tests.e2e.world import World
from tests.schemas import Schemas

KEPT = 35


@dataclass(frozen=True, slots=True)
class Night:
    """``rows``: what a plain SELECT of each table gave in that minute; ``lines``: the same as a backup writes it."""

    at: datetime
    rows: Mapping[str, str]
    lines: Mapping[str, str]


@dataclass
class Nights:
    world: World
    nights: deque[Night] = field(default_factory=lambda: deque(maxlen=KEPT))

    def remember(self) -> None:
        database = self.world.database
        self.nights.append(Night(self.world.clock.now(), rows_of(database), lines_of(database)))

    def equal(self) -> int:
        """Every one of them is opened and compared; returns how many."""
        store = store_of(self.world)
        for night in self.nights:
            manifest = store.at(night.at + timedelta(minutes=2))
            assert abs(manifest.at - night.at) < timedelta(minutes=2)
            found = {
                table.name: _digest(b"".join(store.lines(manifest, table)).split(b"\n")[:-1])
                for table in manifest.tables
            }
            assert found == night.lines, night.at
        return len(self.nights)

    def brought_back(self, server: str, back: Collection[int]) -> int:
        """Those ``back`` nights ago are restored into an empty database, and read there; returns how many."""
        store, done = store_of(self.world), 0
        with _empty(server) as (database, url):
            for night in [self.nights[-number] for number in back if number <= len(self.nights)]:
                manifest = store.at(night.at + timedelta(minutes=2))
                restore.restore(store, manifest, [database], url)
                assert rows_of(database) == night.rows, night.at
                with database.transaction(statement_s=60) as session:
                    for table in TableRepository(session).tables():
                        session.execute(f"DELETE FROM `{table.name}`")
                done += 1
        return done

    def proven(self) -> int:
        """Every backup of the year came back whole when its night's job restored it; returns how many."""
        store = store_of(self.world)
        names = store.names()
        assert [name for name in names if store.notes(name).get("whole") is not True] == []
        return len(names)

    def holding(self, gone: Sequence[tuple[datetime, Collection[bytes]]]) -> list[str]:
        """Backups of the kept nights in which something stands of somebody who was gone before."""
        store, found = store_of(self.world), []
        for night in self.nights:
            needles = [needle for since, marks in gone if night.at > since for needle in marks]
            manifest = store.at(night.at + timedelta(minutes=2))
            for table in manifest.tables if needles else ():
                lines = b"".join(store.lines(manifest, table))
                found += [f"{night.at:%m-%d} {table.name}" for needle in needles if needle in lines]
        return found


def rows_of(database: Database) -> Mapping[str, str]:
    """A digest of everything that stands in each table."""
    with database.read(statement_s=60) as session:
        return {
            table.name: _digest(
                repr(row).encode() for row in session.all(f"SELECT * FROM `{table.name}` ORDER BY {table.order}")
            )
            for table in TableRepository(session).tables()
        }


def lines_of(database: Database) -> Mapping[str, str]:
    with database.read(statement_s=60) as session:
        repository = TableRepository(session)
        return {table.name: _digest(repository.lines(table)) for table in repository.tables()}


def _digest(lines: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line + b"\n")
    return digest.hexdigest()


@contextmanager
def _empty(server: str) -> Iterator[tuple[Database, str]]:
    schemas = Schemas(server)
    with schemas.migrated() as url:
        database = Database(lambda: connect_from_url(url, loads=True), SystemClock())
        yield database, url
        database.close()
    schemas.close()

"""Brings a schema to a version: ``python -m dbsbm.database.migrate [--down | --to N]``.

Migrations are pairs ``NNN_name.up.sql`` / ``NNN_name.down.sql``. A statement ends with a semicolon at a line's end.
MariaDB commits each DDL statement by itself, so progress is recorded per statement and an interrupted run goes on
where it stopped.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pymysql
from pymysql.constants import ER

from dbsbm.core.clock import Clock, SystemClock
from dbsbm.core.errors import DatabaseUnavailableError, DbsbmError
from dbsbm.database.connection import Connection, connect_from_url

DIRECTORY = Path(__file__).parent / "migrations"
_LOCK_S = 60
_STATEMENT_S = 3600.0

_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    version INT UNSIGNED NOT NULL PRIMARY KEY,
    name VARCHAR(128) NOT NULL,
    checksum CHAR(64) NOT NULL,
    statements INT UNSIGNED NOT NULL,
    statements_done INT UNSIGNED NOT NULL,
    started_at DATETIME(3) NOT NULL,
    finished_at DATETIME(3) NULL
)
"""


class MigrationError(DbsbmError):
    """The files and the schema do not belong together; ``detail`` names the migration."""

    code = "migration"


@dataclass(frozen=True, slots=True)
class Migration:
    version: int
    name: str
    up: tuple[str, ...]
    down: tuple[str, ...]
    checksum: str
    """SHA-256 of the up file."""


def migrations(directory: Path = DIRECTORY) -> tuple[Migration, ...]:
    """All migrations by version.

    Raises
    ------
    MigrationError
        When a number is missing or used twice, or a down file is missing.
    """
    found = tuple(_load(path) for path in sorted(directory.glob("*.up.sql")))
    for expected, migration in enumerate(found, start=1):
        if migration.version != expected:
            raise MigrationError(f"expected migration {expected:03d}, found {migration.name}")
    return found


def migrate(
    database_url: str, *, to: int | None = None, directory: Path = DIRECTORY, clock: Clock | None = None
) -> Sequence[str]:
    """Bring the schema to version ``to`` (default: the newest); returns what was done, e.g. ``["up 001_exchange"]``.

    Two runs at once wait for each other.

    Raises
    ------
    MigrationError
        When an applied file has changed since, or the schema is ahead of the files.
    DatabaseUnavailableError
        When another run holds the lock for more than a minute.
    """
    known = migrations(directory)
    target = len(known) if to is None else to
    with _locked(database_url) as connection:
        runner = _Runner(connection, known, clock or SystemClock())
        runner.verify()
        return [*runner.down_to(target), *runner.up_to(target)]


def version(database_url: str) -> int:
    """The newest version that is fully applied; 0 for an empty schema."""
    with _locked(database_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT MAX(version) AS version FROM schema_migrations WHERE finished_at IS NOT NULL")
        row = cursor.fetchone()
        return int((row and row["version"]) or 0)


def found(database_url: str) -> int:
    """As :func:`version`, for whoever only looks: makes nothing, waits for nobody.

    Raises
    ------
    pymysql.err.MySQLError
        When the server cannot be reached or refuses.
    """
    connection = connect_from_url(database_url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT MAX(version) AS version FROM schema_migrations WHERE finished_at IS NOT NULL")
            row = cursor.fetchone()
            return int((row and row["version"]) or 0)
    except pymysql.err.ProgrammingError as error:
        if error.args[0] == ER.NO_SUCH_TABLE:
            return 0
        raise
    finally:
        connection.close()


def fingerprint(to: int, directory: Path = DIRECTORY) -> str:
    """SHA-256 over the migrations up to a version: two schemas with the same one have the same tables."""
    checksums = "".join(migration.checksum for migration in migrations(directory)[:to])
    return hashlib.sha256(checksums.encode()).hexdigest()


class _Runner:
    def __init__(self, connection: Connection, known: Sequence[Migration], clock: Clock) -> None:
        self._connection = connection
        self._known = known
        self._clock = clock
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM schema_migrations ORDER BY version")
            self._applied = {row["version"]: row for row in cursor.fetchall()}

    def verify(self) -> None:
        for number, row in self._applied.items():
            if number > len(self._known):
                raise MigrationError(f"the schema has {row['name']}, which these files do not know")
            if row["checksum"] != self._known[number - 1].checksum:
                raise MigrationError(f"{row['name']} was changed after it was applied: write a new migration instead")

    def up_to(self, target: int) -> Iterator[str]:
        for migration in self._known[:target]:
            row = self._applied.get(migration.version)
            if row is not None and row["finished_at"] is not None:
                continue
            self._up(migration, row["statements_done"] if row else 0)
            yield f"up {migration.name}"

    def down_to(self, target: int) -> Iterator[str]:
        for number in sorted(self._applied, reverse=True):
            if number <= target:
                return
            migration = self._known[number - 1]
            for statement in migration.down:
                self._run(statement)
            self._run("DELETE FROM schema_migrations WHERE version = %s", number)
            yield f"down {migration.name}"

    def _up(self, migration: Migration, done: int) -> None:
        if done == 0:
            self._run(
                "INSERT INTO schema_migrations (version, name, checksum, statements, statements_done, started_at) "
                "VALUES (%s, %s, %s, %s, 0, %s) ON DUPLICATE KEY UPDATE started_at = VALUES(started_at)",
                migration.version,
                migration.name,
                migration.checksum,
                len(migration.up),
                self._clock.now(),
            )
        for index, statement in enumerate(migration.up[done:], start=done + 1):
            self._run(statement)
            self._run("UPDATE schema_migrations SET statements_done = %s WHERE version = %s", index, migration.version)
        self._run(
            "UPDATE schema_migrations SET finished_at = %s WHERE version = %s", self._clock.now(), migration.version
        )

    def _run(self, sql: str, *params: object) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(sql, params or None)
        self._connection.commit()


@contextmanager
def _locked(database_url: str) -> Iterator[Connection]:
    connection = connect_from_url(database_url)
    connection.set_read_timeout(_STATEMENT_S)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION max_statement_time = 0, time_zone = '+00:00'")
            cursor.execute("SELECT GET_LOCK(LEFT(CONCAT('migrate:', DATABASE()), 64), %s) AS held", (_LOCK_S,))
            row = cursor.fetchone()
            if row is None or row["held"] != 1:
                raise DatabaseUnavailableError("another migration is running", retry_after_s=float(_LOCK_S))
            cursor.execute(_TABLE)
        yield connection
    finally:
        connection.close()  # gives the lock back


def _load(path: Path) -> Migration:
    name = path.name.removesuffix(".up.sql")
    below = path.with_name(f"{name}.down.sql")
    if not below.exists():
        raise MigrationError(f"{below.name} is missing")
    text = path.read_text(encoding="utf-8")
    return Migration(
        version=int(name.split("_", 1)[0]),
        name=name,
        up=statements(text),
        down=statements(below.read_text(encoding="utf-8")),
        checksum=hashlib.sha256(text.replace("\r\n", "\n").encode()).hexdigest(),
    )


def statements(text: str) -> tuple[str, ...]:
    """The statements of a file, without the lines that are comments."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("--")]
    parts = "\n".join(line.rstrip() for line in lines).split(";\n")
    return tuple(part.strip().removesuffix(";").rstrip() for part in parts if part.strip())


def main(arguments: Sequence[str] | None = None) -> int:
    """Migrate the schema of ``DATABASE_URL`` and print what was done."""
    parser = argparse.ArgumentParser(prog="dbsbm.database.migrate", description=__doc__)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--down", action="store_true", help="take the newest migration back")
    which.add_argument("--to", type=int, metavar="N", help="go to this version, up or down; 0 empties the schema")
    options = parser.parse_args(arguments)
    database_url = os.environ.get("DATABASE_URL", "mysql://root@127.0.0.1:3306/dbsbm")
    target = max(version(database_url) - 1, 0) if options.down else options.to
    done = migrate(database_url, to=target)
    sys.stdout.write("\n".join(done or ["nothing to do"]) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

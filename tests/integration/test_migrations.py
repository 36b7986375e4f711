"""Migrations: up, down and up again; changed files and colliding runs are refused or wait."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pymysql
import pytest

from dbsbm.database.connection import connect_from_url
from dbsbm.database.migrate import DIRECTORY, MigrationError, migrate, migrations, statements, version
from tests.integration.migrating import taken_back

ROOT = Path(__file__).parents[2]


def tables(url: str) -> dict[str, str]:
    """Every table but the migrations' own, with its definition."""
    connection = connect_from_url(url)
    with connection.cursor() as cursor:
        cursor.execute("SHOW TABLES")
        names = sorted(str(next(iter(row.values()))) for row in cursor.fetchall())
        found = {}
        for name in names:
            if name == "schema_migrations":
                continue
            cursor.execute(f"SHOW CREATE TABLE `{name}`")
            row = cursor.fetchone()
            assert row is not None
            found[name] = str(row["Create Table"])
    connection.close()
    return found


def written(directory: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (directory / name).write_text(text)
    return directory


def two(directory: Path) -> Path:
    return written(
        directory,
        {
            "001_a.up.sql": "-- first\nCREATE TABLE a (n INT);\n\nCREATE TABLE b (n INT);\n",
            "001_a.down.sql": "DROP TABLE b;\nDROP TABLE a;\n",
            "002_c.up.sql": "CREATE TABLE c (n INT);\n",
            "002_c.down.sql": "DROP TABLE c;\n",
        },
    )


def test_our_migrations_go_up_down_and_up_to_the_same_schema(empty_database_url: str) -> None:
    done = migrate(empty_database_url)
    assert done == [f"up {migration.name}" for migration in migrations()]
    first = tables(empty_database_url)
    assert {"interactions", "outbox", "outbox_targets", "channel_webhooks"} <= set(first)
    migrate(empty_database_url, to=0)
    assert tables(empty_database_url) == {}
    migrate(empty_database_url)
    assert tables(empty_database_url) == first


def test_each_migration_can_be_taken_back_alone_and_leaves_rows_as_they_were(
    empty_database_url: str,
) -> None:
    """On a million rows: ``./dev bench database``."""
    changed = {name: tables for name, tables in taken_back(empty_database_url, 40) if tables}
    assert changed == {}


def test_second_run_finds_nothing_to_do(empty_database_url: str) -> None:
    migrate(empty_database_url)
    assert migrate(empty_database_url) == []
    assert version(empty_database_url) == len(migrations())


def test_file_changed_after_it_was_applied_is_refused(empty_database_url: str, tmp_path: Path) -> None:
    directory = two(tmp_path)
    migrate(empty_database_url, directory=directory)
    written(directory, {"001_a.up.sql": "CREATE TABLE a (n BIGINT);\nCREATE TABLE b (n INT);\n"})
    with pytest.raises(MigrationError, match="001_a was changed"):
        migrate(empty_database_url, directory=directory)


def test_schema_ahead_of_the_files_is_refused(empty_database_url: str, tmp_path: Path) -> None:
    directory = two(tmp_path)
    migrate(empty_database_url, directory=directory)
    (directory / "002_c.up.sql").unlink()
    with pytest.raises(MigrationError, match="do not know"):
        migrate(empty_database_url, directory=directory)


def test_interrupted_migration_goes_on_where_it_stopped(empty_database_url: str, tmp_path: Path) -> None:
    directory = two(tmp_path)
    broken = "CREATE TABLE a (n INT);\nCREATE TABLE b (n NOTATYPE);\n"
    written(directory, {"001_a.up.sql": broken})
    with pytest.raises(pymysql.err.OperationalError):
        migrate(empty_database_url, directory=directory)
    assert set(tables(empty_database_url)) == {"a"}
    connection = connect_from_url(empty_database_url)
    with connection.cursor() as cursor:  # the reason for stopping lay outside the file
        cursor.execute("UPDATE schema_migrations SET checksum = %s", (_checksum(two(tmp_path)),))
    connection.commit()
    connection.close()
    assert migrate(empty_database_url, directory=directory) == ["up 001_a", "up 002_c"]
    assert set(tables(empty_database_url)) == {"a", "b", "c"}


def _checksum(directory: Path) -> str:
    return migrations(directory)[0].checksum


def test_runs_at_once_wait_for_each_other(empty_database_url: str) -> None:
    done: list[Sequence[str]] = []
    runs = [threading.Thread(target=lambda: done.append(migrate(empty_database_url))) for _ in range(4)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert sorted(len(what) for what in done) == [0, 0, 0, len(migrations())]


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"001_a.up.sql": "SELECT 1;\n"}, "001_a.down.sql is missing"),
        ({"002_a.up.sql": "SELECT 1;\n", "002_a.down.sql": "SELECT 1;\n"}, "expected migration 001"),
    ],
    ids=["no down file", "gap"],
)
def test_incomplete_folder_is_refused(tmp_path: Path, files: dict[str, str], problem: str) -> None:
    with pytest.raises(MigrationError, match=problem):
        migrations(written(tmp_path, files))


def test_statements_are_split_at_line_ends_alone() -> None:
    text = "-- a; b;\nINSERT INTO t VALUES ('x;y');\n\n  -- c\nSELECT 1\n;\n"
    assert statements(text) == ("INSERT INTO t VALUES ('x;y')", "SELECT 1")


def test_command_line_migrates_and_takes_back(empty_database_url: str) -> None:
    environ = {**os.environ, "DATABASE_URL": empty_database_url, "PYTHONPATH": str(DIRECTORY.parents[2])}

    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "dbsbm.database.migrate", *arguments]
        return subprocess.run(command, env=environ, cwd=ROOT, check=True, capture_output=True, text=True).stdout

    names = [migration.name for migration in migrations()]
    assert run().splitlines() == [f"up {name}" for name in names]
    assert run() == "nothing to do\n"
    assert run("--down") == f"down {names[-1]}\n"
    assert run("--to", "0").splitlines() == [f"down {name}" for name in reversed(names[:-1])]

"""Values as they go in by the thousand and come out again: the same as one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest

from dbsbm.core.errors import DatabaseUnavailableError
from dbsbm.database.bulk import STATEMENT_CHARACTERS
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from tests.integration.test_exchange import FixedClock

MOMENT = datetime(2026, 11, 22, 12, 0, 1, 987_654, tzinfo=UTC)
EASTERN = timezone(timedelta(hours=-5))
TABLE = """CREATE TABLE kept (id INT NOT NULL PRIMARY KEY, big BIGINT UNSIGNED NULL, small INT NULL, told LONGTEXT NULL,
    raw VARBINARY(600) NULL, moment DATETIME(3) NULL, day DATE NULL, exact DECIMAL(40, 10) NULL, rough DOUBLE NULL)"""
ADD = """INSERT INTO kept (id, big, small, told, raw, moment, day, exact, rough)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON DUPLICATE KEY UPDATE told = VALUES(told)"""


class Grade(StrEnum):
    WON = "won"


ROWS: list[tuple[Any, ...]] = [
    (0, None, None, None, None, None, None, None, None),
    (1, 2**64 - 1, -(2**31), "", b"", MOMENT, date(2026, 2, 28), Decimal("-0.0000000001"), 1.5),
    (2, 0, 1, 'it\'s "50%" off \\ a\nline\r\0\x1a, %s (1)', bytes(range(256)), MOMENT, None, Decimal(10**29), 1e-300),
    (3, 7, -7, "עברית 🏈 naïve", b"\xff" * 600, MOMENT.astimezone(EASTERN), date(1, 1, 1), Decimal("1E+3"), 1e300),
    *((4 + n, n, n, "é" * n, b"x" * (n % 600), None, None, None, 0.1) for n in (125, 126, 250, 251, 32_767, 32_768)),
]


@pytest.fixture
def database(database_url: str) -> Database:
    made = Database(lambda: connect_from_url(database_url), FixedClock())
    with made.transaction() as session:
        session.execute(TABLE)
    return made


def kept(database: Database) -> list[tuple[Any, ...]]:
    with database.read() as session:
        return [tuple(row.values()) for row in session.all("SELECT * FROM kept ORDER BY id")]


def test_many_rows_are_kept_as_one_by_one(database: Database) -> None:
    with database.transaction() as session:
        for row in ROWS:
            session.execute(ADD, row)
    one_by_one = kept(database)
    with database.transaction() as session:
        session.execute("DELETE FROM kept")
        assert session.execute_many(ADD, ROWS) == len(ROWS)

    assert kept(database) == one_by_one
    assert [(row[1], row[3], row[4]) for row in one_by_one] == [(row[1], row[3], row[4]) for row in ROWS]


def test_a_moment_is_kept_to_the_millisecond_in_utc(database: Database) -> None:
    with database.transaction() as session:
        session.execute_many(ADD, ROWS[:4])

    moments = [row[5] for row in kept(database)]
    assert moments == [None, *[MOMENT.replace(microsecond=987_000)] * 3]
    assert {moment.tzinfo for moment in moments if moment} == {UTC}


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    row = (1, None, None, None, None, datetime(2026, 1, 1), None, None, None)  # noqa: DTZ001
    with pytest.raises(ValueError, match="without a zone"), database.transaction() as session:
        session.execute_many(ADD, [row])


def test_an_enum_is_its_value_and_an_unknown_type_is_refused(database: Database) -> None:
    with database.transaction() as session:
        session.execute_many("INSERT INTO kept (id, small, told) VALUES (%s, %s, %s)", [(1, True, Grade.WON)])
    assert kept(database)[0][2:4] == (1, "won")

    with pytest.raises(TypeError, match="object"), database.transaction() as session:
        session.execute_many("INSERT INTO kept (id, told) VALUES (%s, %s)", [(2, object())])


def test_more_than_one_statement_holds_goes_in_several(database: Database) -> None:
    text = "x" * (STATEMENT_CHARACTERS // 3)
    rows = [(number, text) for number in range(10)]
    with database.transaction() as session:
        assert session.execute_many("INSERT INTO kept (id, told) VALUES (%s, %s)", rows) == 10

    assert [row[0] for row in kept(database)] == list(range(10))


def test_a_change_that_is_no_insert_runs_once_per_row(database: Database) -> None:
    with database.transaction() as session:
        session.execute_many("INSERT INTO kept (id, small) VALUES (%s, %s)", [(1, 0), (2, 0)])
        changed = session.execute_many("UPDATE kept SET small = %s WHERE id = %s", [(5, 1), (6, 2), (7, 3)])

    assert changed == 2
    assert [row[2] for row in kept(database)] == [5, 6]


def test_a_statement_that_is_ended_while_its_rows_come_is_an_error(database: Database) -> None:
    with database.transaction() as session:
        session.execute_many("INSERT INTO kept (id, small) VALUES (%s, %s)", [(n, n) for n in range(20)])
    endless = "SELECT a.id FROM kept a, kept b, kept c, kept d, kept e WHERE a.id + SLEEP(0.01) >= 0"
    with pytest.raises(DatabaseUnavailableError), database.read(statement_s=0.2) as session:
        session.all(endless)

    assert len(kept(database)) == 20

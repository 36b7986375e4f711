"""Rows that never stand in memory together: what comes out line by line, what goes in block by block, what ends it."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from typing import cast

import pymysql
import pytest

from dbsbm.core.errors import DatabaseUnavailableError
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from dbsbm.database.errors import ConnectionLostError
from dbsbm.database.session import Session
from dbsbm.database.streaming import LoadWarningError
from tests.integration.moments import HandClock

LENGTHS = (0, 250, 251, 70_000)
"""The length of a value stands in one, three and four bytes before it."""


@pytest.fixture
def database(module_database_url: str) -> Iterator[Database]:
    database = Database(lambda: connect_from_url(module_database_url, loads=True), HandClock())
    database.run(lambda session: session.execute("CREATE TABLE streamed (n INT PRIMARY KEY, word VARCHAR(3))"))
    yield database
    database.run(lambda session: session.execute("DROP TABLE streamed"))
    database.close()


def lines(session: Session, sql: str) -> list[bytes | None]:
    return list(session.lines(sql))


def answers(database: Database) -> bool:
    return database.run(lambda session: session.one("SELECT 1 AS n")) == {"n": 1}


def test_values_of_every_length_and_none_come_as_they_are(database: Database) -> None:
    rows = " UNION ALL ".join(f"SELECT REPEAT('x', {length})" for length in LENGTHS)
    found = database.run(lambda session: lines(session, f"{rows} UNION ALL SELECT NULL"))
    assert found == [*(b"x" * length for length in LENGTHS), None]
    assert answers(database)


def test_a_result_that_is_not_read_to_its_end_ends_the_transaction_and_no_more(database: Database) -> None:
    def stopped(session: Session) -> None:
        session.execute("INSERT INTO streamed VALUES (1, 'one')")
        with closing(
            cast(Generator[bytes | None, None, None], session.lines("SELECT 'a' UNION ALL SELECT 'b'"))
        ) as reading:
            assert next(reading) == b"a"

    with pytest.raises(ConnectionLostError, match="not read to its end"):
        database.run(stopped)
    assert database.run(lambda session: session.one("SELECT COUNT(*) AS n FROM streamed")) == {"n": 0}


def test_an_error_in_the_midst_of_a_result_is_that_error_and_the_next_one_is_served(database: Database) -> None:
    kept = list[Iterator[bytes | None]]()

    def failed(session: Session) -> None:
        kept.append(session.lines("SELECT 'a' UNION ALL SELECT 'b'"))  # as a traceback keeps it
        next(kept[0])
        raise ValueError("what was read is wrong")

    with pytest.raises(ValueError, match="is wrong"):
        database.run(failed)
    assert answers(database)
    with database.transaction() as session:
        session.execute("INSERT INTO streamed VALUES (2, 'two')")
        kept.clear()
    assert database.run(lambda session: session.one("SELECT COUNT(*) AS n FROM streamed")) == {"n": 1}


def test_a_statement_that_is_cut_off_says_so_and_the_next_one_is_served(database: Database) -> None:
    endless = "SELECT 'x' FROM information_schema.columns a, information_schema.columns b, information_schema.columns c"
    with pytest.raises(DatabaseUnavailableError, match="max_statement_time"):
        database.run(lambda session: lines(session, f"SET STATEMENT max_statement_time = 0.05 FOR {endless}"))
    assert answers(database)


def test_a_fault_in_the_statement_is_ours_and_costs_no_connection(database: Database) -> None:
    with pytest.raises(pymysql.err.ProgrammingError):
        database.run(lambda session: lines(session, "SELECT word FROM nowhere"))
    assert answers(database)


LOAD = "LOAD DATA LOCAL INFILE 'given' INTO TABLE streamed CHARACTER SET utf8mb4"


def test_blocks_go_in_as_one_file_and_nothing_of_this_machine_does(database: Database) -> None:
    assert database.run(lambda session: session.load(LOAD, [b"1\tone\n2\tt", b"wo\n", b""])) == 2
    assert database.run(lambda session: session.load(LOAD.replace("given", "/etc/passwd"), [])) == 0
    rows = database.run(lambda session: session.all("SELECT n, word FROM streamed ORDER BY n"))
    assert list(rows) == [{"n": 1, "word": "one"}, {"n": 2, "word": "two"}]


@pytest.mark.parametrize(
    ("given", "says"), [(b"1\tone\n1\ttwo\n", "Duplicate entry"), (b"1\tthree\n", "word"), (b"x\tone\n", "n")]
)
def test_what_the_server_took_otherwise_than_it_was_given_is_refused(
    database: Database, given: bytes, says: str
) -> None:
    with pytest.raises((LoadWarningError, pymysql.err.Error), match=says):
        database.run(lambda session: session.load(LOAD, [given]))
    assert database.run(lambda session: session.one("SELECT COUNT(*) AS n FROM streamed")) == {"n": 0}


def test_a_file_that_breaks_off_while_it_is_made_leaves_the_connection_in_step(database: Database) -> None:
    def broken() -> Iterator[bytes]:
        yield b"1\tone\n"
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        database.run(lambda session: session.load(LOAD, broken()))
    assert answers(database)

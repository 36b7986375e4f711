"""Values out of a statement as they come, whatever their length and wherever the network cuts them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from dbsbm.core.clock import SystemClock
from dbsbm.core.errors import DatabaseUnavailableError
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database

EDGES = (0, 1, 250, 251, 252, 65_534, 65_535, 65_536, 262_139, (1 << 24) - 5, (1 << 24) - 4, 3)
"""Lengths at which the protocol writes them otherwise, a packet is full, or a read ends."""


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(lambda: connect_from_url(database_url), SystemClock())
    yield database
    database.close()


@contextmanager
def _packets_of(database: Database, most: int) -> Iterator[None]:
    """What a value may have at most, for connections that begin now; afterwards it is what it was."""
    with database.read() as session:
        before = (session.one("SELECT @@GLOBAL.max_allowed_packet AS most") or {})["most"]
    sql = "SET GLOBAL max_allowed_packet = %s"
    database.run(lambda session: session.execute(sql, (most,)))
    database.close()
    try:
        yield
    finally:
        database.run(lambda session: session.execute(sql, (before,)))
        database.close()


def _values(database: Database, sql: str) -> list[bytes | None]:
    with database.read(statement_s=30) as session:
        return list(session.lines(sql))


def test_a_value_of_any_length_comes_as_it_is(database: Database) -> None:
    sql = " UNION ALL ".join(f"SELECT REPEAT('x', {length})" for length in EDGES)
    with _packets_of(database, 1 << 25):
        found = _values(database, f"{sql} UNION ALL SELECT NULL")
    assert [None if each is None else len(each) for each in found] == [*EDGES, None]
    assert all(each is None or each.strip(b"x") == b"" for each in found)
    assert _values(database, "SELECT 'the connection goes on'") == [b"the connection goes on"]


def test_many_short_and_long_values_in_turn(database: Database) -> None:
    sql = "SELECT REPEAT(CHAR(97 + seq % 26), seq * 7919 % 3000) FROM seq_1_to_20000"
    wanted = [bytes([97 + number % 26]) * (number * 7919 % 3000) for number in range(1, 20_001)]
    assert _values(database, sql) == wanted


def test_a_statement_that_is_cut_off_says_so(database: Database) -> None:
    with pytest.raises(DatabaseUnavailableError), database.read(statement_s=0.2) as session:
        list(session.lines("SELECT REPEAT('x', 100) FROM seq_1_to_100000000"))
    assert _values(database, "SELECT 1") == [b"1"]

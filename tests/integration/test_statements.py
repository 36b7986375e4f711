"""No statement of the product reads a whole table that grows.

6,000 rows in every table by default: the fewer rows, the sooner the optimizer prefers reading all of them, so what
uses an index here uses it at a million. ``DBSBM_EXPLAIN_ROWS=1000000`` fills a million (minutes).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pymysql
import pytest

from dbsbm.database.connection import connect_from_url
from dbsbm.database.migrate import migrate
from tests.integration.statements import Statement, fill, filled, statements
from tests.schemas import Schemas

pytestmark = pytest.mark.slow
ROWS = int(os.environ.get("DBSBM_EXPLAIN_ROWS", "6000"))
STATEMENTS = statements()

MAY_READ_ALL = {
    "feed_fetches": "a row per league and kind: some sixty, never more",
    "provider_usage": "a row per provider and day",
    "named": "500 values that come with the statement",
    "tables": "the server's own list of the schema's tables",
    "table_privileges": "the server's own, as many as there are grants to five accounts",
    "schema_privileges": "likewise",
    "user_privileges": "likewise",
}
"""Tables that do not grow with use, each with its reason."""
PLANTED = Statement("planted", "SELECT bet_id FROM bets WHERE channel_id = %s")
"""Has no index to use: what this looks for is found."""


@pytest.fixture(scope="module")
def explained(mariadb_server: str) -> Iterator[dict[Statement, list[dict[str, Any]]]]:
    """The plan of every statement that has one, on filled tables of a private schema."""
    schemas = Schemas(mariadb_server)
    with schemas.blank() as url:
        migrate(url)
        connection = connect_from_url(url)
        connection.set_read_timeout(600)  # filling a million rows takes longer than any statement of the product
        late = fill(connection, ROWS)
        wanted = [PLANTED, *(each for each in STATEMENTS if _has_plan(each.sql))]
        yield {each: _plan(connection, filled(each.sql, late)) for each in wanted}
        connection.close()
    schemas.close()


def _has_plan(sql: str) -> bool:
    return not sql.upper().startswith("INSERT") or "SELECT" in sql.upper()


def _plan(connection: pymysql.Connection[Any], sql: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")
        return [dict(row) for row in cursor.fetchall()]


def test_no_statement_reads_a_whole_table(explained: dict[Statement, list[dict[str, Any]]], figure: Any) -> None:
    whole = {
        f"{each.where} {each.sql[:160]}": tables for each, plan in explained.items() if (tables := _all(each, plan))
    }
    unseen = sum(any(row["table"] is None for row in plan) for plan in explained.values())
    figure(f"{len(explained)} statements explained on {ROWS} rows a table, {len(STATEMENTS)} read from the source")
    figure(f"{unseen} plans end before a table is read: the values filled in match no row")
    assert whole.pop(f"{PLANTED.where} {PLANTED.sql}") == ["bets"]
    assert whole == {}


def _all(statement: Statement, plan: list[dict[str, Any]]) -> list[str]:
    """The tables a plan reads from end to end, but for those that may be."""
    named = [str(row["table"]) for row in plan if row["type"] == "ALL" and not str(row["table"]).startswith("<")]
    return [name for name in named if _table(statement.sql, name) not in MAY_READ_ALL]


def test_every_statement_of_a_repository_was_found() -> None:
    files = {each.where.partition(":")[0] for each in STATEMENTS}
    assert {"bets/repository.py", "outbox/repository.py", "games/repository.py", "guilds/repository.py"} <= files
    assert len(STATEMENTS) >= 90


def test_what_may_be_read_whole_is_still_there() -> None:
    assert [table for table in MAY_READ_ALL if not any(table in each.sql for each in STATEMENTS)] == []


def _table(sql: str, alias: str) -> str:
    """The table behind an alias in a plan."""
    words = sql.replace(",", " ").split()
    for before, after in pairwise(words):
        if after == alias and before.isidentifier() and before.upper() not in {"FROM", "JOIN", "UPDATE", "INTO"}:
            return words[words.index(before) + 2] if before.upper() == "AS" else before
    return alias

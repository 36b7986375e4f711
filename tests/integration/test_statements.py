"""No statement of the product reads a whole table that grows.

6,000 rows in every table by default: the fewer rows, the sooner the optimizer prefers reading all of them, so what
uses an index here uses it at a million. ``DBSBM_EXPLAIN_ROWS=1000000`` fills a million (minutes).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from dbsbm.database.connection import connect_from_url
from dbsbm.database.migrate import migrate
from tests.integration.statements import MAY_READ_ALL, Statement, explained, fill, has_plan, read_whole, statements
from tests.schemas import Schemas

pytestmark = pytest.mark.slow
ROWS = int(os.environ.get("DBSBM_EXPLAIN_ROWS", "6000"))
STATEMENTS = statements()

PLANTED = Statement("planted", "SELECT bet_id FROM bets WHERE channel_id = %s")
"""Has no index to use: what this looks for is found."""


@pytest.fixture(scope="module")
def plans(mariadb_server: str) -> Iterator[dict[Statement, list[dict[str, Any]]]]:
    """The plan of every statement that has one, on filled tables of a private schema."""
    schemas = Schemas(mariadb_server)
    with schemas.blank() as url:
        migrate(url)
        connection = connect_from_url(url)
        connection.set_read_timeout(600)  # filling a million rows takes longer than any statement of the product
        late = fill(connection, ROWS)
        wanted = [PLANTED, *(each for each in STATEMENTS if has_plan(each.sql))]
        yield {each: explained(connection, each, late) for each in wanted}
        connection.close()
    schemas.close()


def test_no_statement_reads_a_whole_table(plans: dict[Statement, list[dict[str, Any]]], figure: Any) -> None:
    whole = {
        f"{each.where} {each.sql[:160]}": tables for each, plan in plans.items() if (tables := read_whole(each, plan))
    }
    unseen = sum(any(row["table"] is None for row in plan) for plan in plans.values())
    figure(f"{len(plans)} statements explained on {ROWS} rows a table, {len(STATEMENTS)} read from the source")
    figure(f"{unseen} plans end before a table is read: the values filled in match no row")
    assert whole.pop(f"{PLANTED.where} {PLANTED.sql}") == ["bets"]
    assert whole == {}


def test_every_statement_of_a_repository_was_found() -> None:
    files = {each.where.partition(":")[0] for each in STATEMENTS}
    assert {"bets/repository.py", "outbox/repository.py", "games/repository.py", "guilds/repository.py"} <= files
    assert len(STATEMENTS) >= 90


def test_what_may_be_read_whole_is_still_there() -> None:
    assert [table for table in MAY_READ_ALL if not any(table in each.sql for each in STATEMENTS)] == []

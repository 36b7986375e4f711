"""What a migration that is taken back leaves of the rows that were there before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pymysql

from dbsbm.database.connection import connect_from_url
from dbsbm.database.migrate import migrate, migrations
from tests.integration.statements import columns_of, fill

_WITHIN_S = 3600


def taken_back(url: str, rows: int) -> Iterator[tuple[str, list[str]]]:
    """Each migration from the first on, over ``rows`` rows in every table there was before it: up, down and up again.

    Gives its name and the tables whose rows or definition are others after it was taken back, or that stayed or went.
    The schema must be empty.
    """
    connection = connect_from_url(url)
    connection.set_read_timeout(_WITHIN_S)  # a million rows take longer than any statement of the product
    try:
        for migration in migrations():
            _fill_new(connection, rows)
            before = _sums(connection)
            migrate(url, to=migration.version)
            migrate(url, to=migration.version - 1)
            after = _sums(connection)
            migrate(url, to=migration.version)
            yield (
                migration.name,
                sorted(name for name in before.keys() | after.keys() if after.get(name) != before.get(name)),
            )
    finally:
        connection.close()


def _fill_new(connection: pymysql.Connection[Any], rows: int) -> None:
    empty = [name for name in columns_of(connection) if not _one(connection, f"SELECT 1 FROM `{name}` LIMIT 1")]
    fill(connection, rows, empty)


def _sums(connection: pymysql.Connection[Any]) -> Mapping[str, tuple[str, int]]:
    """Each table's definition, and a checksum over every row of it."""
    return {
        name: (
            _one(connection, f"SHOW CREATE TABLE `{name}`")["Create Table"],
            _one(connection, f"CHECKSUM TABLE `{name}`")["Checksum"],
        )
        for name in columns_of(connection)
    }


def _one(connection: pymysql.Connection[Any], sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        found = cursor.fetchone()
    connection.commit()  # a table that is being read cannot be altered
    return found

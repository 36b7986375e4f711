"""Schemas for tests come back empty, whatever a test did to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pymysql
import pytest

from tests.schemas import Schemas


@pytest.fixture
def schemas(mariadb_server: str) -> Iterator[Schemas]:
    own = Schemas(mariadb_server)
    yield own
    own.close()


def _connect(url: str) -> pymysql.Connection[Any]:
    parts = urlsplit(url)
    return pymysql.connect(
        host=parts.hostname, port=parts.port or 0, user=parts.username, database=parts.path[1:], ssl_disabled=True
    )


CLAIM = "INSERT INTO interactions (interaction_id, user_id, route, claimed_at) VALUES (1, 1, 'bet', '2026-09-13')"


def _rows(url: str) -> int:
    with _connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM interactions")
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("commits", [True, False])
def test_rows_of_one_test_are_gone_for_the_next(schemas: Schemas, commits: bool) -> None:
    with schemas.migrated() as url:
        left_open = _connect(url)
        left_open.cursor().execute(CLAIM)
        if commits:
            left_open.commit()
    with schemas.migrated() as again:
        assert again == url
        assert _rows(again) == 0


def test_a_schema_whose_tables_were_changed_is_not_used_again(schemas: Schemas) -> None:
    with schemas.migrated() as url, _connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE interactions")
    with schemas.migrated() as again:
        assert again != url
        assert _rows(again) == 0


def test_two_schemas_at_once_are_apart(schemas: Schemas) -> None:
    with schemas.migrated() as one, schemas.migrated() as other:
        with _connect(one) as connection, connection.cursor() as cursor:
            cursor.execute(CLAIM)
            connection.commit()
        assert (_rows(one), _rows(other)) == (1, 0)

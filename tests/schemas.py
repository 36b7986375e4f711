"""Clean schemas for tests, cheaply: a schema is emptied and used again unless a test changed its tables."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pymysql

from dbsbm.database.migrate import migrate

Shape = tuple[tuple[str, object], ...]
KEPT = "schema_migrations"


class Schemas:
    """Schemas of one test process on one server."""

    def __init__(self, server_url: str) -> None:
        address = urlsplit(server_url)
        self._base = server_url.rstrip("/")
        self._connection: pymysql.Connection[Any] = pymysql.connect(
            host=address.hostname or "127.0.0.1",
            port=address.port or 3306,
            user=address.username or "root",
            password=address.password or "",
            charset="utf8mb4",
            autocommit=True,
            ssl_disabled=True,
        )
        self._own_id = self._run("SELECT CONNECTION_ID()")[0][0]
        self._own_name = secrets.token_hex(4)
        self._numbers = itertools.count(1)
        self._spare: list[str] = []
        self._shapes: dict[str, Shape] = {}

    def close(self) -> None:
        for name in [*self._spare]:
            self._drop(name)
        self._connection.close()

    @contextmanager
    def migrated(self) -> Iterator[str]:
        """An empty schema with every migration applied."""
        name = self._spare.pop() if self._spare else self._create_migrated()
        try:
            yield f"{self._base}/{name}"
        finally:
            self._end_connections(name)
            if self._shape(name) == self._shapes[name]:
                self._empty(name)
                self._spare.append(name)
            else:
                self._drop(name)

    @contextmanager
    def blank(self) -> Iterator[str]:
        """A schema without tables."""
        name = self._create()
        try:
            yield f"{self._base}/{name}"
        finally:
            self._end_connections(name)
            self._drop(name)

    def _create(self) -> str:
        name = f"test_{self._own_name}_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name}")
        return name

    def _create_migrated(self) -> str:
        name = self._create()
        migrate(f"{self._base}/{name}")
        self._shapes[name] = self._shape(name)
        return name

    def _shape(self, name: str) -> Shape:
        """When each table was made or altered, by name."""
        return self._run(
            f"SELECT table_name, create_time FROM information_schema.tables WHERE table_schema = '{name}' ORDER BY 1"
        )

    def _empty(self, name: str) -> None:
        self._run("SET foreign_key_checks = 0")
        for table, _ in self._shapes[name]:
            if table != KEPT and self._run(f"SELECT 1 FROM {name}.{table} LIMIT 1"):
                self._run(f"DELETE FROM {name}.{table}")

    def _drop(self, name: str) -> None:
        self._run(f"DROP DATABASE IF EXISTS {name}")

    def _end_connections(self, name: str) -> None:
        for (connection,) in self._run(f"SELECT id FROM information_schema.processlist WHERE db = '{name}'"):
            if connection != self._own_id:
                try:
                    self._run(f"KILL {connection}")
                except pymysql.err.OperationalError:
                    continue  # it ended by itself

    def _run(self, sql: str) -> tuple[Any, ...]:
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            return tuple(cursor.fetchall())

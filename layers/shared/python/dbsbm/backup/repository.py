"""Any table, row by row as lines of text, out and in again. Not guild-scoped: a backup is of everything.

A line has the columns of the table with tabs between, those of the primary key first; ``\\N`` is NULL; tab, end of line
and backslash stand behind a backslash; columns of bytes are in hexadecimal. It is what ``LOAD DATA`` reads (MariaDB,
"LOAD DATA INFILE"), so that neither way costs Python more than passing bytes on. Names come from information_schema and
stand in backquotes; nothing a person wrote is ever part of a statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dbsbm.backup.model import BackupError
from dbsbm.database.session import Row, Session

PAGE_ROWS = 20_000
"""In one statement; it streams, so that they are never in memory together."""
UNDUMPED = "schema_migrations"
"""Made by the migrations themselves; the manifest names their version."""
_NUMBERS = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint", "decimal"})
_TIMES = frozenset({"datetime", "date"})
_TEXTS = frozenset({"char", "varchar", "tinytext", "text", "mediumtext", "longtext"})
_BYTES = frozenset({"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"})
_SELECT = "SELECT CONCAT_WS('\\t', {texts}) FROM `{table}`"
_ANY = "SELECT 'x' FROM `{table}` LIMIT 1"
_REMOVE = "DELETE FROM `{table}` WHERE `guild_id` = %s"
_PEOPLE = "SELECT DISTINCT `{column}` FROM `{table}` WHERE `guild_id` = %s AND `{column}` > 0"
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_MEANT = {b"t": b"\t", b"n": b"\n"}


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    kind: str
    nullable: bool


@dataclass(frozen=True)
class Table:
    """``columns`` begin with the ``keys`` columns of the primary key, in its order."""

    name: str
    columns: tuple[Column, ...]
    keys: int

    @property
    def of_guilds(self) -> bool:
        return self.columns[0].name == "guild_id"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @cached_property
    def select(self) -> str:
        texts = ", ".join(_line_part(column) for column in self.columns)
        return _SELECT.format(texts=texts, table=self.name)

    @cached_property
    def order(self) -> str:
        return ", ".join(f"`{column.name}`" for column in self.columns[: self.keys])

    @cached_property
    def after(self) -> str:
        """Rows behind a key, in the form that the optimizer reads as a range of the primary key."""
        names = [f"`{column.name}`" for column in self.columns[: self.keys]]
        steps = (
            " AND ".join([*(f"{each} = %s" for each in names[:at]), f"{names[at]} > %s"]) for at in range(self.keys)
        )
        return "(" + " OR ".join(f"({step})" for step in steps) + ")"

    def behind(self, line: bytes) -> list[object]:
        """The parameters of ``after`` for the key of a line."""
        values = [
            _value(column, text)
            for column, text in zip(self.columns[: self.keys], line.split(b"\t", self.keys), strict=False)
        ]
        return [value for at in range(self.keys) for value in values[: at + 1]]


class TableRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def snapshot(self) -> None:
        """From here on the transaction sees one moment, whatever others commit."""
        self._session.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        self._session.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")

    def tables(self) -> Sequence[Table]:
        """Every table of the schema but the list of migrations.

        Raises
        ------
        BackupError
            When one has no primary key, or a column of a type that no line was ever made of.
        """
        # Each of one schema alone: joined, information_schema looks through those of all.
        tables = self._session.all(
            "SELECT table_name AS name FROM information_schema.tables "
            "WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'"
        )
        keys = self._session.all(
            "SELECT table_name AS name, column_name AS column_name, seq_in_index AS part "
            "FROM information_schema.statistics WHERE table_schema = DATABASE() AND index_name = 'PRIMARY'"
        )
        columns = self._session.all(
            "SELECT table_name AS name, column_name AS column_name, data_type AS kind, is_nullable AS nullable, "
            "ordinal_position AS place FROM information_schema.columns WHERE table_schema = DATABASE()"
        )
        part_of = {(row["name"], row["column_name"]): int(row["part"]) for row in keys}
        return [
            _table(name, [row for row in columns if row["name"] == name], part_of)
            for name in sorted(str(row["name"]) for row in tables)
            if name != UNDUMPED
        ]

    def lines(self, table: Table, guild_id: int = 0) -> Iterator[bytes]:
        """All rows in the order of the primary key, or one community's, page by page.

        Raises
        ------
        BackupError
            When a row is longer than the server can pass on.
        """
        scope, scoped = ("`guild_id` = %s", (guild_id,)) if guild_id else ("TRUE", ())
        where, params = scope, tuple[object, ...](scoped)
        while True:
            sql = f"{table.select} WHERE {where} ORDER BY {table.order} LIMIT {PAGE_ROWS}"
            rows, line = 0, b""
            for found in self._session.lines(sql, params):
                if found is None:
                    raise BackupError(f"{table.name}: a row is longer than max_allowed_packet")
                yield (line := found)
                rows += 1
            if rows < PAGE_ROWS:
                return
            where, params = f"{scope} AND {table.after}", (*scoped, *table.behind(line))

    def load(self, table: Table, lines: Iterable[bytes]) -> int:
        """Put blocks of whole lines into a table; returns the rows."""
        given = ", ".join(f"@`{each.name}`" if each.kind in _BYTES else f"`{each.name}`" for each in table.columns)
        made = ", ".join(f"`{each.name}` = UNHEX(@`{each.name}`)" for each in table.columns if each.kind in _BYTES)
        sql = (
            f"LOAD DATA LOCAL INFILE 'lines' INTO TABLE `{table.name}` CHARACTER SET binary "
            f"FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' ({given})"
        )
        sql += f" SET {made}" if made else ""
        return self._session.load(sql, lines)

    def loading(self) -> None:
        """Rows come in the order of their keys and were sound before: into an empty table without a look at each."""
        self._session.execute("SET SESSION unique_checks = 0, foreign_key_checks = 0, check_constraint_checks = 0")

    def is_empty(self, table: Table) -> bool:
        return not list(self._session.lines(_ANY.format(table=table.name)))

    def clear(self, table: Table) -> None:
        self._session.execute(f"TRUNCATE TABLE `{table.name}`")

    def schema_anew(self, name: str) -> None:
        """A schema of that name without a table in it, whatever an earlier run left."""
        self.drop_schema(name)
        self._session.execute(f"CREATE DATABASE `{name}`")

    def schema_if_missing(self, name: str) -> None:
        self._session.execute(f"CREATE DATABASE IF NOT EXISTS `{name}`")

    def drop_schema(self, name: str) -> None:
        self._session.execute(f"DROP DATABASE IF EXISTS `{name}`")

    def remove_guild(self, table: Table, guild_id: int) -> int:
        """Every row of one community in one table."""
        return self._session.execute(_REMOVE.format(table=table.name), (guild_id,))

    def people(self, table: Table, column: str, guild_id: int) -> Sequence[int]:
        """Whose numbers stand in a column, in one community."""
        if column not in table.names:
            return []
        sql = _PEOPLE.format(column=column, table=table.name)
        return [int(each) for each in self._session.lines(sql, (guild_id,)) if each is not None]

    def checkpoint(self) -> str:
        """The audit log's last signed checkpoint, "" before the first (by PRIMARY)."""
        row = self._session.one("SELECT note FROM audit_checkpoints ORDER BY tree_size DESC LIMIT 1")
        return "" if row is None else str(row["note"])

    def schema_version(self) -> int:
        # By PRIMARY; a few dozen rows.
        row = self._session.one("SELECT MAX(version) AS version FROM schema_migrations WHERE finished_at IS NOT NULL")
        return int((row or {}).get("version") or 0)


def _table(name: str, rows: Sequence[Row], part_of: Mapping[tuple[Any, Any], int]) -> Table:
    """The columns of the key in the key's order, then the others in theirs."""

    def place(row: Row) -> tuple[int, int]:
        return part_of.get((name, row["column_name"]), len(rows)), int(row["place"])

    columns = tuple(
        Column(str(row["column_name"]), str(row["kind"]).lower(), row["nullable"] == "YES")
        for row in sorted(rows, key=place)
    )
    keys = sum((name, column.name) in part_of for column in columns)
    if not keys:
        raise BackupError(f"{name} has no primary key")
    return Table(name, columns, keys)


def _line_part(column: Column) -> str:
    """The text of a column; bytes as they are stored, whatever the character set."""
    text = f"`{column.name}`"
    if column.kind in _BYTES:  # many bytes to put a backslash before take REPLACE minutes
        text = f"HEX({text})"
    elif column.kind in _TEXTS:
        text = f"CAST({text} AS BINARY)"
        for plain, escaped in (("\\\\", "\\\\\\\\"), ("\\t", "\\\\t"), ("\\n", "\\\\n")):
            text = f"REPLACE({text}, '{plain}', '{escaped}')"
    elif column.kind not in _NUMBERS | _TIMES:
        raise BackupError(f"{column.name}: no line was ever made of a column of type {column.kind}")
    return f"IFNULL({text}, '\\\\N')" if column.nullable else text


def _value(column: Column, text: bytes) -> object:
    plain = _ESCAPED.sub(lambda found: _MEANT.get(found[1], found[1]), text) if b"\\" in text else text
    if column.kind in _BYTES:
        return bytes.fromhex(plain.decode())
    return int(plain) if column.kind in _NUMBERS and b"." not in plain else plain.decode()

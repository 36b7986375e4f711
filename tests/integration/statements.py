"""Every SQL statement of the product's repositories, read from the source, and tables filled to explain them on."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pymysql

from local.cloud.execution import LAYER
from local.source_audit.sql import METHODS

_PRODUCT = LAYER / "dbsbm"
_PASS_THROUGH = {"database/database.py", "database/migrate.py"}
_BEGINS = ("SELECT", "UPDATE", "DELETE", "INSERT", "WITH", "REPLACE")
_PLACEHOLDER = re.compile(r"%s|%\((\w+)\)s")
_COMPARED = re.compile(r"(\w+)\s*(?:=|<>|<=|>=|<|>|LIKE|BETWEEN|IN\s*\(|AND)\s*(?:CONCAT\()?\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Statement:
    """``where`` is "bets/repository.py:120"."""

    where: str
    sql: str


def statements() -> list[Statement]:
    """All of them, those of other modules than repositories too.

    Raises
    ------
    ValueError
        When a statement cannot be read from the source: then it could not be checked either.
    """
    found: list[Statement] = []
    for path in sorted(_PRODUCT.rglob("*.py")):
        name = path.relative_to(_PRODUCT).as_posix()
        if name not in _PASS_THROUGH:
            found += [Statement(f"{name}:{line}", sql) for line, sql in _of(path)]
    return found


def _of(path: Path) -> Iterator[tuple[int, str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            texts = list(_texts(node.value, names))
            if texts:
                names[node.targets[0].id] = texts[0]
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in METHODS:
            for sql in _texts(call.args[0], names) if call.args else ():
                if sql.lstrip().upper().startswith(_BEGINS):
                    yield call.lineno, " ".join(sql.split())


def _texts(node: ast.expr, names: Mapping[str, str]) -> Iterator[str]:
    """What an expression may be; nothing when it is no text."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.Name(id=name) if name in names:
            yield names[name]
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            yield from (a + b for a in _texts(left, names) for b in _texts(right, names))
        case ast.IfExp(body=body, orelse=otherwise):
            yield from _texts(body, names)
            yield from _texts(otherwise, names)
        case ast.JoinedStr(values=parts):
            whole = [""]
            for part in parts:
                inner = part.value if isinstance(part, ast.FormattedValue) else part
                whole = [a + b for a in whole for b in _texts(inner, names)]
            yield from whole


MAY_READ_ALL = {
    "feed_fetches": "a row per league and kind: some sixty, never more",
    "schema_migrations": "a row per migration",
    "statistics": "the server's own list of the schema's keys",
    "columns": "the server's own list of the schema's columns",
    "provider_usage": "a row per provider and day",
    "named": "500 values that come with the statement",
    "tables": "the server's own list of the schema's tables",
    "table_privileges": "the server's own, as many as there are grants to five accounts",
    "schema_privileges": "likewise",
    "user_privileges": "likewise",
}
"""Tables that do not grow with use, each with its reason."""


def has_plan(sql: str) -> bool:
    return not sql.upper().startswith("INSERT") or "SELECT" in sql.upper()


def explained(connection: pymysql.Connection[Any], statement: Statement, late: str) -> list[dict[str, Any]]:
    """The server's plan for a statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {filled(statement.sql, late)}")
        return [dict(row) for row in cursor.fetchall()]


def read_whole(statement: Statement, plan: list[dict[str, Any]]) -> list[str]:
    """The tables a plan reads from end to end, but for those that may be."""
    named = [str(row["table"]) for row in plan if row["type"] == "ALL" and not str(row["table"]).startswith("<")]
    return [name for name in named if _table(statement.sql, name) not in MAY_READ_ALL]


def _table(statement: str, alias: str) -> str:
    """The table behind an alias in a plan."""
    words = statement.replace(",", " ").split()
    for before, after in pairwise(words):
        if after == alias and before.isidentifier() and before.upper() not in {"FROM", "JOIN", "UPDATE", "INTO"}:
            return words[words.index(before) + 2] if before.upper() == "AS" else before
    return alias


def filled(sql: str, late: str, number: int = 7) -> str:
    """The statement with a value for each placeholder, guessed from the column it is compared with."""
    done, at = "", 0
    for found in _PLACEHOLDER.finditer(sql):
        before = sql[at : found.start()]
        done += before + _value(done + before, found.group(1) or "", late, number)
        at = found.end()
    return (done + sql[at:]).replace("%%", "%")


def _value(before: str, name: str, late: str, number: int) -> str:
    if re.search(r"\bIN\s*$", before, re.IGNORECASE):  # a sequence, which the driver writes in parentheses
        columns = re.search(r"\(([^()]*)\)\s*IN\s*$", before, re.IGNORECASE)
        if columns is None:
            return f"('{number}', '{number + 7}')"
        row = ", ".join(f"'{number}'" for _ in columns.group(1).split(","))
        return f"(({row}), ({row}))"
    compared = _COMPARED.search(before)
    column = (name or (compared.group(1) if compared else "")).lower()
    if re.search(r"(LIMIT|OFFSET)\s*$", before, re.IGNORECASE):
        return "50"
    if column.endswith(("_at", "until", "after", "before", "since", "now", "moment", "cutoff", "start", "end", "at")):
        return f"'{late}'"
    if column.endswith(("day", "first", "last")):
        return f"'{late[:10]}'"
    return f"'{number}'"


# Filling.

GUILDS = 50
LATE = "2026-01-30 10:00:00"
"""A time near the newest rows."""
_STATES = ("pending", "sending", "open", "scheduled", "dead", "live", "proposed", "held", "unmatched", "active")


def fill(connection: pymysql.Connection[Any], rows: int, only: Collection[str] | None = None) -> str:
    """Put ``rows`` rows into every table, or some, most of them finished. Returns a time near the newest ones."""
    tables = columns_of(connection)
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION unique_checks = 0, foreign_key_checks = 0, sql_mode = '', max_statement_time = 0")
        for table in tables if only is None else only:
            names = ", ".join(f"`{column}`" for column, _ in tables[table])
            values = ", ".join(_filling(column, kind, rows) for column, kind in tables[table])
            cursor.execute(f"INSERT IGNORE INTO `{table}` ({names}) SELECT {values} FROM seq_1_to_{rows}")
            connection.commit()
            cursor.execute(f"ANALYZE TABLE `{table}`")
    return LATE


def columns_of(connection: pymysql.Connection[Any]) -> dict[str, list[tuple[str, str]]]:
    """The columns with their types, by table; without the migrations' own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name AS t, column_name AS c, data_type AS kind FROM information_schema.columns "
            "WHERE table_schema = DATABASE() AND table_name <> 'schema_migrations' ORDER BY 1, ordinal_position"
        )
        tables: dict[str, list[tuple[str, str]]] = {}
        for row in cursor.fetchall():
            tables.setdefault(row["t"], []).append((row["c"], row["kind"]))
    connection.commit()
    return tables


def _filling(column: str, kind: str, rows: int) -> str:
    if column == "guild_id":
        return f"seq % {GUILDS} + 1"
    if column in {"user_id", "capper_id"}:
        return "seq % 1000 + 1"
    if column in {"state", "status"}:
        rare = " ".join(f"WHEN {number} THEN '{state}'" for number, state in enumerate(_STATES))
        return f"CASE seq % 400 {rare} ELSE 'sent' END"
    if kind in {"varchar", "char"}:
        return "CAST(seq AS CHAR)"
    if kind == "datetime":
        return f"'2026-01-01' + INTERVAL 30 * 86400 * (seq / {rows}) SECOND"
    if kind == "date":
        return f"DATE('2026-01-01' + INTERVAL 30 * 86400 * (seq / {rows}) SECOND)"
    if kind in {"longtext", "text"}:
        return "'{}'"
    if kind in {"varbinary", "blob"}:
        return "'x'"
    if kind == "tinyint":
        return "seq % 100 = 0"
    if kind == "decimal":
        return "0.5"
    if column.endswith("_id") or column.startswith("last_seq"):
        return "seq"
    return "seq % 9"

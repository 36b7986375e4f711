"""What the statements of the repositories are called, who waits for them, and how long one takes by itself."""

from __future__ import annotations

import ast
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pymysql

from local.cloud.execution import LAYER
from tests.integration.statements import Statement

_PRODUCT = LAYER / "dbsbm"


def names(found: Iterable[Statement]) -> dict[Statement, str]:
    """``bets/listing ListingRepository.open`` for each, with a number where a method has several."""
    plain = {each: _name(each) for each in found}
    several = {name for name, count in Counter(plain.values()).items() if count > 1}
    numbers: Counter[str] = Counter()
    named = {}
    for each, name in plain.items():
        numbers[name] += 1
        named[each] = f"{name} {numbers[name]}" if name in several else name
    return named


def _name(statement: Statement) -> str:
    file, _, line = statement.where.partition(":")
    inside = ".".join(_around(ast.parse((_PRODUCT / file).read_text(encoding="utf-8")), int(line)))
    return f"{file.removesuffix('.py').removesuffix('/repository')} {inside}"


def _around(node: ast.AST, line: int) -> Iterator[str]:
    """The names of the class and the functions that a line is in."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef | ast.FunctionDef) and child.lineno <= line <= (child.end_lineno or 0):
            yield child.name
            yield from _around(child, line)


class Stopwatch:
    """Milliseconds of a statement, without what its two threads waited for a processor that others had.

    Linux says how long each thread waited; elsewhere that is 0, and the machine should be quiet.
    """

    def __init__(self, connection: pymysql.Connection[Any], server_pid: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT tid FROM information_schema.processlist WHERE id = CONNECTION_ID()")
            [(thread,)] = [tuple(row.values()) for row in cursor.fetchall()]
        connection.rollback()
        self._files = (Path("/proc/self/schedstat"), Path(f"/proc/{server_pid}/task/{thread}/schedstat"))
        self._connection = connection

    def took(self, sql: str) -> float:
        """Run a statement, read what it finds, and take back what it did."""
        with self._connection.cursor() as cursor:
            waited, began = self._waited_ns(), time.perf_counter_ns()
            cursor.execute(sql)
            cursor.fetchall()
            spent = time.perf_counter_ns() - began - (self._waited_ns() - waited)
        self._connection.rollback()
        return max(spent, 0) / 1_000_000

    def _waited_ns(self) -> int:
        return sum(int(file.read_text().split()[1]) for file in self._files if file.exists())


JOBS = {
    "accounts ": "when accounts are made, with a deployment",
    "anonymity/dataset ": "once a month",
    "backup ": "each night",
    "bets/news DueNews": "job_notify, for the followers of many bets at once",
    "bets/proposals ProposalRepository.accept": "job_settle, a whole batch: a ninth of all bets, as these are filled",
    "bets/standings BatchSums.add": "likewise",
    "bets/standings StandingsRepository.rebuild": "a repair: a capper's whole record reckoned anew from the ledger",
    "compliance/facts ": "job_compliance",
    "games/feed": "feeds",
    "health ": "/health/detailed and /metrics, over all that is not delivered: 5,000 posts, as these are filled",
    "outbox OutboxQueue": "delivery, over all that is not delivered: 5,000 posts, as these are filled",
    "privacy/removal ": "job_guilds",
    "retention ": "job_retention, hundreds of rows at a time",
    "settlement": "job_close and job_settle",
}
"""Why nobody waits for a statement, by how its name begins."""

"""``./dev bench database [ROWS]``: every statement of every repository on tables of 1,000,000 rows.

Each statement is read from the source, explained and run: none may read a growing table from end to end, and each must
take less than 10 ms at its 95th percentile. What writes is rolled back. The values are guessed from the columns and
differ from run to run; tables are filled evenly, which is not how communities are (``./dev bench commands`` fills them
with bets as people make them). Then every migration is taken back over rows, and leaves them as they were.

A table that does not grow with bets, people or messages has a fiftieth of the rows.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pymysql

from bench._results import Target, report, summarize
from dbsbm.database.connection import connect_from_url
from dbsbm.database.migrate import migrate
from local.servers import THROWAWAY, MariaDB
from tests.integration.migrating import taken_back
from tests.integration.statements import (
    GUILDS,
    Statement,
    columns_of,
    explained,
    fill,
    filled,
    has_plan,
    read_whole,
    statements,
)

ROWS = 1_000_000
RUNS = 20
LIMIT_MS = 10.0
_FILLING_S = 7200
_GROWING = frozenset(
    {
        "audit_events", "audit_log", "bet_grades", "bet_leg_results", "bet_legs", "bet_revisions", "bets",
        "capper_totals", "clv_bets", "clv_legs", "drafts", "game_scores", "games", "imported_rows",
        "interactions", "ledger_entries", "odds_snapshots", "outbox", "outbox_targets", "tails", "webhook_events",
    }
)  # fmt: skip


def main() -> int:
    """Measure and print, in milliseconds."""
    parser = argparse.ArgumentParser(prog="./dev bench database", description=__doc__)
    parser.add_argument("rows", nargs="?", type=int, default=ROWS)
    rows = parser.parse_args().rows
    sizes = ("--innodb-buffer-pool-size=4G", "--innodb-log-file-size=1G", "--max-statement-time=0")
    with tempfile.TemporaryDirectory() as directory:
        extra = (*THROWAWAY, *sizes, f"--tmpdir={directory}")
        with MariaDB(Path(directory), extra=extra) as server:
            for schema in ("statements", "migrations"):
                with server.connect() as connection, connection.cursor() as cursor:
                    cursor.execute(f"CREATE DATABASE {schema}")
            took, whole, filled_s = _statements(server.url("statements"), rows)
            changed = {name: tables for name, tables in taken_back(server.url("migrations"), rows // 10) if tables}
    return _report(took, whole, changed, rows, filled_s)


def _statements(url: str, rows: int) -> tuple[dict[Statement, list[float]], dict[str, list[str]], float]:
    """The times of each statement that reads or finds rows, and those that read a whole table."""
    migrate(url)
    connection = connect_from_url(url)
    connection.set_read_timeout(_FILLING_S)
    began = time.perf_counter()
    names = columns_of(connection)
    fill(connection, rows, [name for name in names if name in _GROWING])
    late = fill(connection, max(rows // 50, 1000), [name for name in names if name not in _GROWING])
    filled_s = time.perf_counter() - began
    wanted = [each for each in statements() if has_plan(each.sql)]
    whole = {each.where: tables for each in wanted if (tables := read_whole(each, explained(connection, each, late)))}
    took = {each: _timed(connection, each, late) for each in wanted}
    connection.close()
    return took, whole, filled_s


def _timed(connection: pymysql.Connection[Any], statement: Statement, late: str) -> list[float]:
    """Milliseconds of each run, each with another number; nothing of it stays."""
    samples = []
    for number in range(RUNS + 1):
        sql = filled(statement.sql, late, 1 + number * 7 % GUILDS)
        with connection.cursor() as cursor:
            began = time.perf_counter()
            cursor.execute(sql)
            cursor.fetchall()
            samples.append((time.perf_counter() - began) * 1000)
        connection.rollback()
    return samples[1:]


def _report(
    took: dict[Statement, list[float]],
    whole: dict[str, list[str]],
    changed: dict[str, list[str]],
    rows: int,
    filled_s: float,
) -> int:
    slowest = sorted(took, key=lambda each: summarize(took[each]).p95, reverse=True)
    shown = {f"{each.where} {each.sql[:60]}": summarize(took[each]) for each in slowest[:25]}
    slow = [f"{each.where}: {each.sql[:120]}" for each in slowest if summarize(took[each]).p95 >= LIMIT_MS]
    targets = [
        Target("statements that read a whole table", len(whole), 0, "statements"),
        Target("p95 of the slowest statement", summarize(took[slowest[0]]).p95, LIMIT_MS, "ms"),
        Target("migrations that change rows when taken back", len(changed), 0, "migrations"),
    ]
    notes = {
        "rows a table": rows,
        "statements": len(took),
        "filled in s": round(filled_s),
        "read whole": whole,
        "at or above the limit": slow,
        "changed by being taken back": changed,
    }
    report("database", shown, "ms", targets, notes)
    return 0 if all(target.held for target in targets) else 1


if __name__ == "__main__":
    sys.exit(main())

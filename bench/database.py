"""``./dev bench database [ROWS]``: every statement of every repository on tables of 1,000,000 rows.

Each statement is read from the source, explained and run: none may read a growing table from end to end, and each that
a person waits for must take less than 10 ms at its 95th percentile; those of jobs are named with the reason why they
may take longer (``bench/_statements.py``). What writes is rolled back. The values are guessed from the columns and
differ from run to run; tables are filled evenly, which is not how communities are (``./dev bench commands`` fills them
with bets as people make them). Then every migration is taken back over rows, and leaves them as they were.

A table that does not grow with bets, people or messages has a fiftieth of the rows. ``--keep DIRECTORY`` leaves the
filled tables there: the next run with it brings their definitions up to date and measures at once.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench._results import Summary, Target, report, summarize
from bench._statements import JOBS, Stopwatch, names
from dbsbm.database.connection import Connection, connect_from_url
from dbsbm.database.migrate import migrate
from local.servers import THROWAWAY, MariaDB
from tests.integration.migrating import taken_back
from tests.integration.statements import (
    GUILDS,
    LATE,
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
    """Measure and print, in milliseconds; 1 when a statement or a migration is not as it should be."""
    parser = argparse.ArgumentParser(prog="./dev bench database", description=__doc__)
    parser.add_argument("rows", nargs="?", type=int, default=ROWS)
    parser.add_argument("--keep", type=Path, help="a directory for the filled tables, or one that has them")
    arguments = parser.parse_args()
    with _server(arguments.keep) as server:
        measured = _measured(server, arguments.rows)
        changed = None
        if not measured.kept:
            _create(server, "migrations")
            again = taken_back(server.url("migrations"), arguments.rows // 10)
            changed = {name: tables for name, tables in again if tables}
    return _report(measured, changed, arguments.rows)


@contextmanager
def _server(keep: Path | None) -> Iterator[MariaDB]:
    sizes = ("--innodb-buffer-pool-size=4G", "--innodb-log-file-size=1G", "--max-statement-time=0")
    with tempfile.TemporaryDirectory() as directory:
        extra = (*THROWAWAY, *sizes, f"--tmpdir={directory}")
        with MariaDB(keep or Path(directory), extra=extra) as server:
            yield server


def _create(server: MariaDB, schema: str) -> bool:
    """False when it is there already."""
    with server.connect() as connection, connection.cursor() as cursor:
        return bool(
            cursor.execute(f"CREATE DATABASE IF NOT EXISTS {schema}")
            and not cursor.execute("SELECT 1 FROM information_schema.tables WHERE table_schema = %s LIMIT 1", (schema,))
        )


@dataclass(frozen=True, slots=True)
class _Measured:
    """The times by statement, the tables that one reads whole, and whether the rows are of an earlier run."""

    took: dict[Statement, Summary]
    whole: dict[str, list[str]]
    filled_s: float
    kept: bool


def _measured(server: MariaDB, rows: int) -> _Measured:
    """Each statement that reads or finds rows, explained and run."""
    fresh = _create(server, "statements")
    url = server.url("statements")
    migrate(url)
    connection = connect_from_url(url)
    connection.set_read_timeout(_FILLING_S)
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION sql_mode = ''")  # guessed values are not all of their column's kind
    began = time.perf_counter()
    late = _filled(connection, rows) if fresh else LATE
    filled_s = time.perf_counter() - began
    wanted = [each for each in statements() if has_plan(each.sql)]
    whole = {each.where: tables for each in wanted if (tables := read_whole(each, explained(connection, each, late)))}
    watch = Stopwatch(connection, server.pid)
    took = {each: _timed(watch, each, late) for each in wanted}
    connection.close()
    return _Measured(took, whole, filled_s, not fresh)


def _filled(connection: Connection, rows: int) -> str:
    named = columns_of(connection)
    fill(connection, rows, [name for name in named if name in _GROWING])
    return fill(connection, max(rows // 50, 1000), [name for name in named if name not in _GROWING])


def _timed(watch: Stopwatch, statement: Statement, late: str) -> Summary:
    """Each run has another number, and each was asked once before: measured is the server, not its disk."""
    texts = [filled(statement.sql, late, 1 + number * 7 % GUILDS) for number in range(RUNS)]
    return summarize([watch.took(text) for text in (*texts, *texts)][RUNS:])


def _report(measured: _Measured, changed: dict[str, list[str]] | None, rows: int) -> int:
    took, named = measured.took, names(measured.took)
    slowest = sorted(took, key=lambda each: took[each].p95, reverse=True)
    late = [each for each in slowest if took[each].p95 >= LIMIT_MS]
    waited_for = [each for each in slowest if _reason(named[each]) is None]
    targets = [
        Target("statements that read a whole table", len(measured.whole), 0, "statements"),
        Target("p95 of the slowest that a person waits for", took[waited_for[0]].p95, LIMIT_MS, "ms"),
    ]
    if changed is not None:
        targets.append(Target("migrations that change rows when taken back", len(changed), 0, "migrations"))
    notes = {
        "rows a table": rows,
        "statements": len(took),
        "filled in s": "an earlier run" if measured.kept else round(measured.filled_s),
        "read whole": measured.whole,
        "at or above the limit": {named[each]: each.where for each in late if each in waited_for},
        "at or above it, of jobs": {named[each]: _reason(named[each]) for each in late if each not in waited_for},
        "changed by being taken back": "not tried with kept tables" if changed is None else changed,
    }
    report("database", {named[each]: took[each] for each in slowest}, "ms", targets, notes)
    return 0 if all(target.held for target in targets) else 1


def _reason(name: str) -> str | None:
    """Why nobody waits for a statement; None when a person does."""
    return next((reason for begins, reason in JOBS.items() if name.startswith(begins)), None)


if __name__ == "__main__":
    sys.exit(main())

"""``./dev sql [--stage STAGE] --why … "SELECT …"``: one statement that reads; of a stage, who asked it is kept."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from dbsbm.accounts.identity import about, proof
from dbsbm.accounts.questions import Question, answer
from dbsbm.core.clock import SystemClock
from dbsbm.core.errors import DbsbmError, InputError
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from local.run import operator
from local.run.state import running

FUNCTION = "database_query"
_TIMEOUT_S = 40.0
_WIDEST = 60


def run(arguments: argparse.Namespace) -> int:
    try:
        found = _asked(arguments)
    except DbsbmError as error:
        print(f"not answered: {error.detail}", file=sys.stderr)
        return 1
    if "refused" in found:
        print(f"refused: {found['refused']}", file=sys.stderr)
        return 1
    print("\n".join(table(found["columns"], found["rows"])))
    return 0


def _asked(arguments: argparse.Namespace) -> Mapping[str, Any]:
    why = arguments.why or ("" if arguments.stage else "a look at what runs here")
    event: dict[str, Any] = {"v": 1, "sql": arguments.sql.strip(), "why": why.strip()}
    if arguments.stage:
        where = operator.place(arguments.stage)
        event["signed"] = proof(where.account, about(event["sql"], event["why"]), time.time())
        return where.invoke(FUNCTION, event, asynchronous=False, timeout_s=_TIMEOUT_S) or {"refused": "no answer"}
    url = running().settings["DATABASE_URL"]
    database = Database(lambda: connect_from_url(url), SystemClock())
    try:
        return answer(database, Question.of(event, lambda _: operator.name()))
    except InputError as error:
        return {"refused": error.problem}
    finally:
        database.close()


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """Columns as wide as what stands in them, up to 60 characters."""
    shown = [[_cell(value) for value in row] for row in rows]
    widths = [max(len(each[index]) for each in [list(columns), *shown]) for index in range(len(columns))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
             for row in [list(columns), *shown]]  # fmt: skip
    return [*lines, f"{len(rows)} row{'' if len(rows) == 1 else 's'}"]


def _cell(value: Any) -> str:
    text = "NULL" if value is None else str(value).replace("\n", "⏎")
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"

"""``./dev outbox list|retry|drop|reconcile [ROW …|--all]``: rows that delivery gave up, for a person to decide."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from dbsbm.core.clock import Clock, ShiftedClock, SystemClock
from dbsbm.core.errors import DbsbmError
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from dbsbm.database.session import Session
from dbsbm.outbox.model import RowState
from dbsbm.outbox.operations import OutboxOperations, Waiting
from local.run.parts import CLOCK
from local.run.state import read
from local.servers import ServerError

SAID = {
    "retry": "goes out with the next sweep, within a minute",
    "reconcile": "is looked for in its channel with the next sweep, and sent only if it is not there",
    "drop": "is given up",
}


def run(arguments: argparse.Namespace) -> int:
    state = read()
    url = os.environ.get("DATABASE_URL") or (state.settings.get("DATABASE_URL") if state else None)
    if not url:
        raise ServerError("nothing runs here: ./dev up first, or name the database with DATABASE_URL")
    clock: Clock = ShiftedClock(CLOCK) if CLOCK.exists() and "DATABASE_URL" not in os.environ else SystemClock()
    database = Database(lambda: connect_from_url(url), clock)
    try:
        if arguments.action == "list":
            with database.read() as session:
                print(shown(OutboxOperations(session).waiting(), clock.now()))
            return 0
        return act(database, arguments.action, arguments.rows, every=arguments.all, now=clock.now())
    finally:
        database.close()


def shown(rows: Sequence[Waiting], now: datetime) -> str:
    """A line or two for each row: what it is, how old, and why it stands here."""
    if not rows:
        return "Nothing needs you: no row is dead or unknown."
    lines = []
    for row in rows:
        hours = (now - row.created_at).total_seconds() / 3600
        lines.append(
            f"{row.id}  {row.state}  {row.kind} for {row.target_key}  {hours:.1f} h old, {row.attempts} attempts"
        )
        lines.append(f"    {row.reason}")
    return "\n".join(lines)


def act(database: Database, action: str, row_ids: Sequence[str], *, every: bool, now: datetime) -> int:
    """Do one thing to rows, each in a transaction of its own; 1 when one of them was refused."""
    if bool(row_ids) == every:
        raise ServerError(f"name the rows to {action}, or --all of them")
    if every:
        with database.read() as session:
            fitting = OutboxOperations(session).waiting()
        row_ids = [row.id for row in fitting if action != "reconcile" or row.state is RowState.UNKNOWN]
    refused = 0
    for row_id in row_ids:
        try:
            database.run(_deed(action, row_id, now))
            print(f"{row_id} {SAID[action]}")
        except DbsbmError as error:
            refused += 1
            print(f"not done: {error.detail}", file=sys.stderr)
    return 1 if refused else 0


def _deed(action: str, row_id: str, now: datetime) -> Callable[[Session], Waiting]:
    deeds: Mapping[str, Callable[[Session], Waiting]] = {
        "retry": lambda session: OutboxOperations(session).retry(row_id, now),
        "reconcile": lambda session: OutboxOperations(session).reconcile(row_id, now),
        "drop": lambda session: OutboxOperations(session).drop(row_id),
    }
    return deeds[action]

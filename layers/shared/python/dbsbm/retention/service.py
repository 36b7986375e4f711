"""How long things are kept, and one run of removing them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from dbsbm.bets.imports.model import OPEN_FOR, ImportState
from dbsbm.core import metrics
from dbsbm.core.clock import Clock
from dbsbm.database.database import Database
from dbsbm.database.session import Session
from dbsbm.outbox.model import RowState
from dbsbm.retention.repository import RetentionRepository
from dbsbm.webhooks.model import EventState

INTERACTIONS = timedelta(hours=24)
"""A repeated delivery is answered from the stored reply. Discord and Lambda repeat for minutes, 15 at the very most."""
FINISHED = timedelta(days=7)
"""Sent, overtaken, expired, dropped. Messages stay known by their target."""
GIVEN_UP = timedelta(days=90)
"""Dead and unknown: somebody may still want to look."""
BATCH = 500
"""Rows per transaction, so that no lock is held for long."""
IMPORTS = 2 * OPEN_FOR
"""A file that was not confirmed, or could not be read."""
TOLD = timedelta(days=30)
"""The log of what endpoints were told, and what is kept for one that is parked."""
_UNUSED = (ImportState.FETCHING, ImportState.READY, ImportState.FAILED, ImportState.CANCELLED)
_OPEN = (RowState.PENDING, RowState.SENDING)
_DONE = (RowState.SENT, RowState.OVERTAKEN, RowState.EXPIRED, RowState.DROPPED)
_PERSONS = (RowState.DEAD, RowState.UNKNOWN)

Step = Callable[[RetentionRepository], int]


def remove_old(database: Database, clock: Clock, has_time: Callable[[], bool]) -> dict[str, int]:
    """Remove what is over, batch by batch while there is time; what is left is for the next run.

    Raises
    ------
    DatabaseUnavailableError
        What was removed stays removed.
    """
    removed: dict[str, int] = {}
    for table, step in _steps(clock.now()):
        while has_time():
            rows = database.run(_batch(step))
            removed[table] = removed.get(table, 0) + rows
            if rows < BATCH:
                break
    for table, rows in removed.items():
        if rows:
            metrics.record(metrics.RETAINED, rows, table_name=table)
    return removed


def _batch(step: Step) -> Callable[[Session], int]:
    return lambda session: step(RetentionRepository(session))


def _steps(now: datetime) -> list[tuple[str, Step]]:
    steps: list[tuple[str, Step]] = [("interactions", lambda old: old.interactions(now - INTERACTIONS, BATCH))]
    steps += [("outbox", _rows(state, now - FINISHED)) for state in _DONE]
    steps += [("outbox", _rows(state, now - GIVEN_UP)) for state in _PERSONS]
    steps += [("tokens", _tokens(state, now)) for state in (*_OPEN, *_PERSONS)]
    steps += [("imports", _imports(state, now - IMPORTS)) for state in _UNUSED]
    steps += [("webhook_events", _told(state, now - TOLD)) for state in EventState]
    return steps


def _told(state: EventState, before: datetime) -> Step:
    return lambda old: old.webhook_events(state, before, BATCH)


def _imports(state: ImportState, before: datetime) -> Step:
    return lambda old: old.imports(state, before, BATCH)


def _rows(state: RowState, before: datetime) -> Step:
    return lambda old: old.outbox(state, before, BATCH)


def _tokens(state: RowState, before: datetime) -> Step:
    return lambda old: old.forget_tokens(state, before, BATCH)

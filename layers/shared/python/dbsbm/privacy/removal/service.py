"""What is held of a community that the bot was removed from goes thirty days later, all of it.

Batches are small and each is a transaction of its own; a run that ends anywhere is continued by the next one. The
guild's own row goes last, in the transaction that finds nothing else any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

from dbsbm.core import metrics
from dbsbm.core.clock import Clock
from dbsbm.database.database import Database
from dbsbm.database.session import Session
from dbsbm.privacy.removal.repository import REMOVING, RemovalRepository

KEPT_FOR = timedelta(days=30)
"""From the first look that did not find the bot there."""
BATCH = 500
"""Rows of one table in one transaction, so that no lock is held for long."""
GUILDS_PER_RUN = 20
_TARGETS = "outbox_targets"


def remove_gone(database: Database, clock: Clock, has_time: Callable[[], bool]) -> Mapping[str, int]:
    """Remove the guilds whose time is over, while there is time; returns how many rows went, by table.

    Raises
    ------
    DatabaseUnavailableError
        What was removed stays removed, the next run goes on.
    """
    before = clock.now() - KEPT_FOR
    removed: Counter[str] = Counter()
    with database.read() as session:
        due = RemovalRepository(session).due(before, GUILDS_PER_RUN)
    for guild_id in due:
        if not has_time() or not _removed(database, guild_id, before, has_time, removed):
            break
    for table, rows in removed.items():
        metrics.record(metrics.RETAINED, rows, table_name=table)
    return removed


def _removed(
    database: Database, guild_id: int, before: datetime, has_time: Callable[[], bool], removed: Counter[str]
) -> bool:
    """Whether nothing of the guild is left to do."""
    if not database.run(lambda session: RemovalRepository(session).begin(guild_id, before)):
        return True
    while has_time():
        for table in (_TARGETS, *REMOVING):
            rows = BATCH
            while rows == BATCH:
                if not has_time():
                    return False
                rows = database.run(partial(_batch, table=table, guild_id=guild_id))
                removed[table] += rows
        if database.run(lambda session: _ended(session, guild_id)):
            removed["guilds"] += 1
            return True
    return False


def _batch(session: Session, table: str, guild_id: int) -> int:
    repository = RemovalRepository(session)
    return repository.targets(guild_id, BATCH) if table == _TARGETS else repository.rows(table, guild_id, BATCH)


def _ended(session: Session, guild_id: int) -> bool:
    """Forget the guild if nothing is left; what another job still wrote goes here, and is looked for once more."""
    if sum(_batch(session, table, guild_id) for table in (_TARGETS, *REMOVING)):
        return False
    RemovalRepository(session).end(guild_id)
    return True

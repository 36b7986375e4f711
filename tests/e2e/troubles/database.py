"""A database server that deadlocks, drops connections, is away for a while or hands over to another writer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pymysql

from tests.e2e.troubles.strike import Strike, drawn
from tests.e2e.world import World

DEADLOCK, LOCK_WAIT, LOST = "deadlock", "lock wait", "connection lost"
LOST_BEFORE, LOST_AFTER = "connection lost before the commit", "connection lost after the commit"
AWAY, READ_ONLY, FAILING_OVER = "database away", "read-only", "failing over"
KINDS = (DEADLOCK, LOCK_WAIT, LOST, LOST_BEFORE, LOST_AFTER, AWAY, READ_ONLY, FAILING_OVER)
_AT_COMMIT = (LOST_BEFORE, LOST_AFTER)
FURTHEST = 45
"""Statements, commits and calls of one post or grade with its delivery (tests/e2e/test_kills.py)."""
_COMMITS = 6
_AWAY_S = (1, 20, 100)
"""A deferred interaction is tried again after one and two minutes more."""
_FAILS_OVER_S = 30
_LOCK_WAIT_S = 2
_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
_NUMBERS = {DEADLOCK: 1213, LOCK_WAIT: 1205, LOST: 2013, READ_ONLY: 1290, AWAY: 2003}
Connect = Callable[..., Any]


def failure(kind: str) -> pymysql.err.OperationalError:
    """As the driver raises it."""
    return pymysql.err.OperationalError(_NUMBERS[kind], kind)


class BadDatabase:
    """One trouble at a time. A server that is away takes no connection until its time is over."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._strike = Strike()
        self._outage_s = 0
        self._back_at: datetime | None = None
        self._writer = 0
        self.struck: Counter[str] = Counter()

    def arm(self, random: Random, kinds: Sequence[str] = KINDS) -> str:
        self._strike = drawn(random, kinds, FURTHEST)
        if self._strike.kind in _AT_COMMIT:
            self._strike.at = random.randint(1, _COMMITS)
        self._outage_s = random.choice(_AWAY_S) if self._strike.kind == AWAY else _FAILS_OVER_S
        return str(self._strike)

    def calm(self) -> None:
        self._strike, self._back_at = Strike(), None

    def connect(self, plain: Connect, *given: Any) -> Any:
        if self._away():
            raise failure(AWAY)
        connection, writer = plain(*given), self._writer
        plain_query, plain_commit = connection.query, connection.commit

        def query(sql: str | bytes, unbuffered: bool = False) -> int:
            self._before(connection, plain_query, writer, sql)
            return int(plain_query(sql, unbuffered))

        def commit() -> None:
            self._committing(connection, plain_commit)

        connection.query, connection.commit = query, commit
        return connection

    def _before(self, connection: Any, plain_query: Callable[[str], Any], writer: int, sql: str | bytes) -> None:
        """What happens in the place of a statement."""
        if self._away():
            self._drop(connection)
        text = sql if isinstance(sql, str) else sql.decode(errors="replace")
        if writer < self._writer and text.lstrip().upper().startswith(_WRITES):
            raise failure(READ_ONLY)
        if self._strike.kind in ("none", *_AT_COMMIT) or not self._strike.due():
            return
        self._struck(connection, plain_query)

    def _struck(self, connection: Any, plain_query: Callable[[str], Any]) -> None:
        kind = self._strike.kind
        self.struck[kind] += 1
        if kind == DEADLOCK:
            plain_query("ROLLBACK")
            raise failure(DEADLOCK)
        if kind == LOCK_WAIT:
            self._world.clock.sleep(_LOCK_WAIT_S)
            raise failure(LOCK_WAIT)
        if kind == LOST:
            self._drop(connection)
        if kind in (READ_ONLY, FAILING_OVER):
            self._writer += 1  # whatever is connected stays with the old writer
        if kind in (AWAY, FAILING_OVER):
            self._back_at = self._world.clock.now() + timedelta(seconds=self._outage_s)
            self._drop(connection)

    def _committing(self, connection: Any, plain_commit: Callable[[], None]) -> None:
        if self._away():
            self._drop(connection)
        strikes = self._strike.kind in _AT_COMMIT and self._strike.due()
        self.struck[self._strike.kind] += strikes
        if strikes and self._strike.kind == LOST_BEFORE:
            self._drop(connection)
        plain_commit()
        if strikes:
            self._drop(connection)

    def _away(self) -> bool:
        return self._back_at is not None and self._world.clock.now() < self._back_at

    def _drop(self, connection: Any) -> None:
        connection._force_close()
        raise failure(LOST)

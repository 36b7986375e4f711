"""The database of one execution environment: one connection, transactions, and the exchange."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import pymysql

from dbsbm.core import metrics, tracing
from dbsbm.core.clock import Clock
from dbsbm.core.errors import DatabaseUnavailableError, SettingsError
from dbsbm.database.bulk import filled
from dbsbm.database.connection import READ_S, Connection
from dbsbm.database.errors import ConnectionLostError, ContentionError, translated
from dbsbm.database.exchange import Claim, Outbox, Outcome, Refused
from dbsbm.database.session import Cause, Keyring, Row, Session
from dbsbm.database.streaming import Lines, loaded
from dbsbm.resilience.recovery import DATABASE_CONTENTION

if TYPE_CHECKING:
    from dbsbm.discord.definitions import Result

T = TypeVar("T")
Params = Sequence[Any] | Mapping[str, Any]

logger = logging.getLogger(__name__)

LOCK_WAIT_S = 2
STATEMENT_S = 2.2
"""Server-side limit of a statement, in seconds, unless a transaction asks for more. Above the lock wait, so that a
lock that is held too long reads as contention."""
SLOW_S = 0.25
"""From here on a statement is named in the log."""
_CHECK_AFTER_IDLE = timedelta(seconds=30)
_RETRY_WITHIN = timedelta(seconds=DATABASE_CONTENTION.give_up_s)


class Database:
    """One connection, opened when first needed and kept while the environment lives.

    Not for several threads at once: a Lambda environment serves one invocation at a time.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        clock: Clock,
        outbox: Outbox | None = None,
        keyring: Keyring | None = None,
    ) -> None:
        self._connect = connect
        self._clock = clock
        self.outbox = outbox
        self.keyring = keyring
        self._connection: Connection | None = None
        self._last_used: datetime | None = None
        self._statement_s: float = STATEMENT_S
        self._busy = False

    @contextmanager
    def transaction(self, *, statement_s: float = STATEMENT_S) -> Iterator[Session]:
        """One transaction: committed when the block ends well, rolled back when it raises.

        Raises
        ------
        DatabaseUnavailableError
            When the server is away or busy. Raised by the commit itself it is not known whether the work is stored.
        """
        with self._session(statement_s) as session:
            yield session
            session.commit()

    @contextmanager
    def read(self, *, statement_s: float = STATEMENT_S) -> Iterator[Session]:
        """A transaction that is always rolled back: for reading, each statement sees what is committed."""
        with self._session(statement_s) as session:
            yield session
            session.rollback()

    def run(self, work: Callable[[Session], T], *, statement_s: float = STATEMENT_S) -> T:
        """``work`` in a transaction, again after a deadlock or lock wait (at most four times in all).

        Raises
        ------
        DatabaseUnavailableError
            When the server is away, or contention outlasted the attempts.
        """
        return self._again(lambda: self._ran(work, statement_s), (ContentionError,))

    def exchange(self, claim: Claim, work: Callable[[Session], Result]) -> Outcome:
        """Do the work of an interaction once, however often it arrives.

        The first statement claims the interaction; a second attempt waits on that row and gets the stored reply. One
        commit holds the work, its outbox rows and the reply. ``work`` may run again after a deadlock, a lock wait or
        a lost connection, because nothing of the earlier run was stored.

        Raises
        ------
        DatabaseUnavailableError
            When the server is away, or contention outlasted the attempts. Try the same exchange again later.
        """
        return self._again(
            lambda: self._ran(lambda session: self._exchanged(session, claim, work), STATEMENT_S),
            (ContentionError, ConnectionLostError),
        )

    def close(self) -> None:
        """Give the connection up; the next transaction opens a new one."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.close()
        except pymysql.err.Error:
            return  # closed already

    def _ran(self, work: Callable[[Session], T], statement_s: float) -> T:
        """What ``work`` counts is counted when it is stored, whichever attempt that is."""
        with metrics.held(), tracing.span("transaction"), self.transaction(statement_s=statement_s) as session:
            return work(session)

    def _again(self, attempt: Callable[[], T], retried: tuple[type[DatabaseUnavailableError], ...]) -> T:
        """Repeat a whole transaction after errors of these kinds, within four attempts and five seconds."""
        started = self._clock.now()
        for _ in range(DATABASE_CONTENTION.attempts - 1):
            try:
                return attempt()
            except retried:
                if self._clock.now() - started > _RETRY_WITHIN:
                    raise
        return attempt()

    def _exchanged(self, session: Session, claim: Claim, work: Callable[[Session], Result]) -> Outcome:
        now = self._clock.now()
        session.cause = Cause(claim.user_id, claim.interaction_id, now)
        if not _claimed(session, claim, now):
            return self._repeated(session, claim, now)
        session.execute("SAVEPOINT work")
        try:
            result = work(session)
        except Refused as refused:
            session.execute("ROLLBACK TO SAVEPOINT work")
            result = refused.result
        stored = json.dumps(result.reply.to_json(), ensure_ascii=False, separators=(",", ":"))
        reply: dict[str, Any] = json.loads(stored)
        keys: list[str] = []
        if result.outbox:
            keys += self._posts().enqueue(session, str(claim.interaction_id), claim.guild_id, result.outbox, now)
        if claim.deferred:
            keys += self._posts().enqueue_reply(session, claim, reply, now)
        session.execute("UPDATE interactions SET reply = %s WHERE interaction_id = %s", (stored, claim.interaction_id))
        return Outcome(reply, True, tuple(dict.fromkeys(keys)))

    def _repeated(self, session: Session, claim: Claim, now: datetime) -> Outcome:
        row = session.one("SELECT reply FROM interactions WHERE interaction_id = %s", (claim.interaction_id,))
        if row is None or row["reply"] is None:
            raise DatabaseUnavailableError("the claimed interaction has no reply", retry_after_s=1.0)
        reply: dict[str, Any] = json.loads(row["reply"])
        if claim.deferred:
            self._posts().enqueue_reply(session, claim, reply, now)
        keys = self.outbox.pending_of(session, str(claim.interaction_id)) if self.outbox else ()
        return Outcome(reply, False, tuple(keys))

    def _posts(self) -> Outbox:
        if self.outbox is None:
            raise RuntimeError("this database was built without an outbox")
        return self.outbox

    @contextmanager
    def _session(self, statement_s: float) -> Iterator[_Transaction]:
        if self._busy:
            raise RuntimeError("one transaction at a time on one connection")
        self._busy = True
        session = _Transaction(self, statement_s, Cause(0, 0, self._clock.now()))
        try:
            yield session
        except Exception:
            self._rolled_back(session)
            raise
        except BaseException:  # the environment is being torn down: let the server roll back
            self.close()
            raise
        finally:
            self._busy = False
            self._last_used = self._clock.now()

    def _rolled_back(self, session: _Transaction) -> None:
        try:
            session.rollback()
        except DatabaseUnavailableError:
            self.close()

    def opened(self, statement_s: float) -> Connection:
        """The connection, checked when it was idle for long, with the statement limit asked for."""
        if self._connection is not None and self._idle():
            try:
                self._connection.ping(reconnect=False)
            except (pymysql.err.Error, OSError):
                self.close()
        if self._connection is None:
            self._connection = self._connect()
            self._last_used = self._clock.now()
            self._prepare(self._connection)
        if statement_s != self._statement_s:
            self._limit(self._connection, statement_s)
        return self._connection

    def _idle(self) -> bool:
        return self._last_used is None or self._clock.now() - self._last_used > _CHECK_AFTER_IDLE

    def _prepare(self, connection: Connection) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
            cursor.execute(
                "SET SESSION time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,"
                "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = %s, "
                "max_statement_time = %s",
                (LOCK_WAIT_S, STATEMENT_S),
            )
        self._statement_s = STATEMENT_S

    def _limit(self, connection: Connection, statement_s: float) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION max_statement_time = %s", (statement_s,))
        connection.set_read_timeout(statement_s + READ_S - STATEMENT_S)
        self._statement_s = statement_s


class _Transaction:
    """A Session on the environment's connection. Opens it with its first statement."""

    def __init__(self, database: Database, statement_s: float, cause: Cause) -> None:
        self.cause = cause
        self._database = database
        self._statement_s = statement_s
        self._connection: Connection | None = None
        self._over: DatabaseUnavailableError | None = None
        self._reading: Lines | None = None

    @property
    def keyring(self) -> Keyring:
        if self._database.keyring is None:
            raise SettingsError("KEYRING_BUCKET must be set")
        return self._database.keyring

    def one(self, sql: str, params: Params = ()) -> Row | None:
        rows = self._run(sql, params)[1]
        return rows[0] if rows else None

    def all(self, sql: str, params: Params = ()) -> Sequence[Row]:
        return self._run(sql, params)[1]

    def execute(self, sql: str, params: Params = ()) -> int:
        return self._run(sql, params)[0]

    def execute_many(self, sql: str, params: Sequence[Sequence[Any]]) -> int:
        if not params:
            return 0
        with _timed(sql):
            return self._guarded(lambda connection: _execute_many(connection, sql, params))

    def lines(self, sql: str, params: Sequence[Any] = ()) -> Iterator[bytes | None]:
        found = self._reading = self._guarded(lambda connection: Lines(connection, sql, params))
        try:
            yield from found
        except pymysql.err.Error as error:
            ours = translated(error)
            if isinstance(ours, DatabaseUnavailableError):
                self._over = ours
            raise ours from error
        finally:
            if self._reading is found:  # otherwise the transaction ended before, and the connection may be another's
                self._read_up()

    def _read_up(self) -> None:
        """A result that nobody reads on costs the connection: whatever is said on it next would wait for its end."""
        found, self._reading = self._reading, None
        if found is not None and not found.done:
            self._over = self._over or ConnectionLostError("a result was not read to its end")
            self._database.close()
            found.give_up()

    def load(self, sql: str, blocks: Iterable[bytes]) -> int:
        return self._guarded(lambda connection: loaded(connection, sql, blocks))

    def commit(self) -> None:
        self._read_up()
        if self._over is not None:
            raise self._over
        if self._connection is not None:
            self._guarded(lambda connection: connection.commit())

    def rollback(self) -> None:
        if self._connection is None:
            return
        self._read_up()
        if isinstance(self._over, ConnectionLostError):
            self._database.close()
            return
        self._over = None
        self._guarded(lambda connection: connection.rollback())

    def _run(self, sql: str, params: Params) -> tuple[int, Sequence[Row]]:
        with _timed(sql):
            return self._guarded(lambda connection: _execute(connection, sql, params))

    def _guarded(self, call: Callable[[Connection], T]) -> T:
        """Run one call on the connection; a transaction that has done nothing yet moves to a new connection once."""
        if self._over is not None:
            raise self._over
        if self._connection is not None:
            return self._translated(lambda: call(self._open()))
        try:
            return self._translated(lambda: call(self._open()))
        except ConnectionLostError:
            self._database.close()
            self._connection = self._over = None
            return self._translated(lambda: call(self._open()))

    def _open(self) -> Connection:
        if self._connection is None:
            self._connection = self._database.opened(self._statement_s)
        return self._connection

    def _translated(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except pymysql.err.Error as error:
            ours = translated(error)
            if isinstance(ours, DatabaseUnavailableError):
                self._over = ours
            raise ours from error


@contextmanager
def _timed(sql: str) -> Iterator[None]:
    """Name a statement that takes long: by its text, which holds no values, and a digest to search by."""
    began = time.perf_counter()
    try:
        yield
    finally:
        took_s = time.perf_counter() - began
        if took_s >= SLOW_S:
            text = " ".join(sql.split())
            digest = hashlib.sha256(text.encode()).hexdigest()[:12]
            metrics.record(metrics.SLOW_STATEMENTS)
            notes = {"digest": digest, "sql": text[:300], "took_ms": round(took_s * 1000)}
            logger.warning("slow statement", extra=notes)


def _execute(connection: Connection, sql: str, params: Params) -> tuple[int, Sequence[Row]]:
    with connection.cursor() as cursor:
        found = cursor.execute(sql, params or None)
        return found, cursor.fetchall() if cursor.description else ()


def _execute_many(connection: Connection, sql: str, params: Sequence[Sequence[Any]]) -> int:
    with connection.cursor() as cursor:
        whole = filled(sql, params)
        if whole is None:
            return sum(cursor.execute(sql, row) for row in params)
        return sum(cursor.execute(each) for each in whole)


def _claimed(session: Session, claim: Claim, now: datetime) -> bool:
    """Claim the interaction. The update takes the row exclusively, so that waiting duplicates cannot deadlock."""
    found = session.execute(
        "INSERT INTO interactions (interaction_id, guild_id, user_id, route, claimed_at) VALUES (%s, %s, %s, %s, %s) "
        "ON DUPLICATE KEY UPDATE attempts = attempts + 1",
        (claim.interaction_id, claim.guild_id, claim.user_id, claim.route, now),
    )
    return found == 1

"""The environment's one connection: kept, checked, reopened, limited; times in and out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pymysql
import pytest

from dbsbm.core.errors import DatabaseUnavailableError, SettingsError
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from dbsbm.database.errors import ConnectionLostError, DuplicateKeyError
from dbsbm.database.exchange import Claim
from dbsbm.database.session import Session
from dbsbm.discord.definitions import Reply, Result
from tests.integration.delivery_world import VirtualClock

INSERT = "INSERT INTO interactions (interaction_id, user_id, route, claimed_at) VALUES (%s, 1, 'x', %s)"


class Opened:
    """Opens connections and remembers them."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.connections: list[Any] = []

    def __call__(self) -> Any:
        self.connections.append(connect_from_url(self.url))
        return self.connections[-1]

    def kill(self) -> None:
        """Cut the newest connection off at the server, as a failover does."""
        admin = connect_from_url(self.url)
        with admin.cursor() as cursor:
            cursor.execute("KILL %s", (self.connections[-1].thread_id(),))
        admin.close()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def opened(database_url: str) -> Opened:
    return Opened(database_url)


@pytest.fixture
def database(opened: Opened, clock: VirtualClock) -> Database:
    return Database(opened, clock)


def count(url: str) -> int:
    with Database(lambda: connect_from_url(url), VirtualClock()).read() as session:
        row = session.one("SELECT COUNT(*) AS n FROM interactions")
    assert row is not None
    return int(row["n"])


def read(database: Database) -> None:
    with database.read() as session:
        assert session.one("SELECT 1 AS n") == {"n": 1}


def test_nothing_is_opened_before_the_first_statement(database: Database, opened: Opened) -> None:
    with database.transaction():
        pass
    assert opened.connections == []


def test_connection_is_kept(database: Database, opened: Opened) -> None:
    read(database)
    read(database)
    assert len(opened.connections) == 1


def test_connection_cut_off_between_transactions_is_replaced_unnoticed(database: Database, opened: Opened) -> None:
    read(database)
    opened.kill()
    read(database)
    assert len(opened.connections) == 2


def test_idle_connection_is_checked_before_it_is_used(database: Database, opened: Opened, clock: VirtualClock) -> None:
    read(database)
    opened.kill()
    clock.sleep(31)
    read(database)
    assert len(opened.connections) == 2


def test_connection_cut_off_within_a_transaction_is_an_error_and_stores_nothing(
    database: Database, opened: Opened, clock: VirtualClock
) -> None:
    with pytest.raises(ConnectionLostError) as raised, database.transaction() as session:
        session.execute(INSERT, (1, clock.now()))
        opened.kill()
        session.execute(INSERT, (2, clock.now()))
    assert raised.value.retry_after_s
    assert count(opened.url) == 0
    read(database)


def test_exchange_cut_off_in_its_middle_is_done_again(database: Database, opened: Opened) -> None:
    attempts: list[int] = []

    def work(session: Session) -> Result:
        attempts.append(1)
        if len(attempts) == 1:
            opened.kill()
        session.execute("UPDATE interactions SET route = 'y'")
        return Result(Reply("message", {}))

    outcome = database.exchange(Claim(5, 0, 1, "x"), work)
    assert outcome.first
    assert len(attempts) == 2
    assert count(opened.url) == 1


def test_exchange_whose_commit_got_no_answer_is_not_done_twice(opened: Opened, clock: VirtualClock) -> None:
    """The server commits, the answer is lost: the repeated exchange finds the stored reply."""
    work_done: list[int] = []

    class LosesFirstCommit:
        def __init__(self, connection: Any) -> None:
            self._connection = connection

        def commit(self) -> None:
            self._connection.commit()
            if len(opened.connections) == 1:
                raise pymysql.err.OperationalError(2013, "Lost connection to MySQL server during query")

        def __getattr__(self, name: str) -> Any:
            return getattr(self._connection, name)

    def connect() -> Any:
        return LosesFirstCommit(opened())

    def work(session: Session) -> Result:
        work_done.append(1)
        return Result(Reply("message", {"n": len(work_done)}))

    outcome = Database(connect, clock).exchange(Claim(5, 0, 1, "x"), work)
    assert not outcome.first
    assert outcome.reply["data"] == {"n": 1}
    assert work_done == [1]


def test_read_only_server_gets_one_new_connection(opened: Opened, clock: VirtualClock) -> None:
    """After a failover the old writer refuses changes (1290) until the name points to the new one."""

    class OldWriter:
        def __init__(self, connection: Any) -> None:
            self._connection = connection

        def cursor(self) -> Any:
            cursor = self._connection.cursor()
            if len(opened.connections) == 1:
                execute = cursor.execute

                def refuse(sql: str, *params: Any) -> Any:
                    if sql.startswith("INSERT"):
                        raise pymysql.err.OperationalError(1290, "running with the --read-only option")
                    return execute(sql, *params)

                cursor.execute = refuse
            return cursor

        def __getattr__(self, name: str) -> Any:
            return getattr(self._connection, name)

    def connect() -> Any:
        return OldWriter(opened())

    with Database(connect, clock).transaction() as session:
        session.execute(INSERT, (1, clock.now()))
    assert len(opened.connections) == 2
    assert count(opened.url) == 1


def test_refused_connection_is_unavailable(clock: VirtualClock) -> None:
    away = Database(lambda: connect_from_url("mysql://root@127.0.0.1:1/none"), clock)
    with pytest.raises(DatabaseUnavailableError), away.read() as session:
        session.one("SELECT 1")


def test_statement_beyond_its_limit_is_unavailable_and_longer_limits_can_be_asked_for(database: Database) -> None:
    slow = "SELECT SLEEP(0.4) AS n"
    with pytest.raises(DatabaseUnavailableError), database.read(statement_s=0.1) as session:
        session.one(slow)
    with database.read(statement_s=5) as session:
        assert session.one(slow) == {"n": 0}
        assert session.one("SELECT @@max_statement_time AS n") == {"n": 5.0}
    with database.read() as session:
        assert session.one("SELECT @@max_statement_time AS n") == {"n": 2.2}


def test_transaction_that_met_unavailability_is_over_even_when_the_error_is_swallowed(
    database: Database, opened: Opened, clock: VirtualClock
) -> None:
    with pytest.raises(DatabaseUnavailableError), database.transaction(statement_s=0.1) as session:
        session.execute(INSERT, (1, clock.now()))
        with pytest.raises(DatabaseUnavailableError):
            session.one("SELECT SLEEP(0.4)")
        session.execute(INSERT, (2, clock.now()))
    assert count(opened.url) == 0


def test_duplicate_key_is_typed_and_leaves_the_transaction_usable(
    database: Database, opened: Opened, clock: VirtualClock
) -> None:
    with database.transaction() as session:
        session.execute(INSERT, (1, clock.now()))
        with pytest.raises(DuplicateKeyError):
            session.execute(INSERT, (1, clock.now()))
        session.execute(INSERT, (2, clock.now()))
    assert count(opened.url) == 2


def test_fault_in_sql_passes_as_it_is(database: Database) -> None:
    with pytest.raises(pymysql.err.ProgrammingError), database.read() as session:
        session.one("SELECT FROM nothing")


def test_raising_rolls_back_and_reading_never_commits(database: Database, opened: Opened, clock: VirtualClock) -> None:
    with pytest.raises(KeyError), database.transaction() as session:
        session.execute(INSERT, (1, clock.now()))
        raise KeyError("stop")
    with database.read() as session:
        session.execute(INSERT, (2, clock.now()))
    assert count(opened.url) == 0


def test_one_transaction_at_a_time(database: Database) -> None:
    with database.read(), pytest.raises(RuntimeError, match="one transaction"), database.read():
        pass


def test_times_keep_their_instant_and_come_back_in_utc(database: Database) -> None:
    moment = datetime(2026, 11, 1, 1, 30, 0, 123_999, tzinfo=timezone(timedelta(hours=-5)))
    with database.read() as session:
        session.execute(INSERT, (1, moment))
        row = session.one("SELECT claimed_at FROM interactions WHERE claimed_at = %s", (moment,))
    assert row == {"claimed_at": datetime(2026, 11, 1, 6, 30, 0, 123_000, tzinfo=UTC)}


def test_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="without a zone"), database.read() as session:
        session.execute(INSERT, (1, datetime(2026, 11, 1)))  # noqa: DTZ001


def test_change_counts_rows_found_not_only_those_that_differ(database: Database, clock: VirtualClock) -> None:
    with database.read() as session:
        session.execute_many(INSERT, [(1, clock.now()), (2, clock.now())])
        assert session.execute("UPDATE interactions SET route = 'x'") == 2
        assert session.execute_many(INSERT, []) == 0


@pytest.mark.parametrize("url", ["postgres://root@127.0.0.1/dbsbm", "mysql://root@127.0.0.1", "nonsense"])
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL"):
        connect_from_url(url)

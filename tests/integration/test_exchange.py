"""The exchange: an interaction takes effect once, however often it arrives and wherever it is cut off."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from dbsbm.core.errors import DatabaseUnavailableError
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from dbsbm.database.exchange import Claim, Deferred, Outcome, Refused
from dbsbm.database.session import Session
from dbsbm.discord.definitions import Post, Reply, Result
from dbsbm.outbox.repository import OutboxRepository
from dbsbm.security.tokens import TokenBox

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
CLAIM = Claim(interaction_id=900, guild_id=7, user_id=1, route="bet")


class FixedClock:
    def now(self) -> datetime:
        return NOW

    def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing here waits")


def database(url: str) -> Database:
    return Database(lambda: connect_from_url(url), FixedClock(), OutboxRepository(TokenBox(lambda: KEY)))


def posted(session: Session) -> Result:
    """Work with an effect that would show twice: no key keeps a second row out."""
    session.execute("UPDATE effects SET n = n + 1")
    post = Post("message.post", "bet:1", {"channel_id": 5}, {"components": []})
    return Result(Reply("message", {"components": [{"type": 10, "content": "posted"}]}), (post,))


@pytest.fixture
def url(database_url: str) -> str:
    with database(database_url).transaction() as session:
        session.execute("CREATE TABLE effects (n INT NOT NULL)")
        session.execute("INSERT INTO effects VALUES (0)")
    return database_url


def count(url: str, sql: str) -> int:
    with database(url).read() as session:
        row = session.one(sql)
    assert row is not None
    return int(next(iter(row.values())))


def test_first_attempt_works_and_second_gets_the_same_reply(url: str) -> None:
    first = database(url).exchange(CLAIM, posted)
    second = database(url).exchange(CLAIM, posted)
    assert first.first
    assert not second.first
    assert first.reply == second.reply
    assert first.target_keys == second.target_keys == ("bet:1",)
    assert count(url, "SELECT n FROM effects") == 1
    assert count(url, "SELECT COUNT(*) FROM outbox") == 1


def test_fifty_deliveries_at_once_have_one_effect(url: str) -> None:
    start = threading.Barrier(50)
    outcomes: list[Outcome] = []

    def deliver() -> None:
        own = database(url)
        start.wait()
        outcomes.append(own.exchange(CLAIM, posted))
        own.close()

    threads = [threading.Thread(target=deliver) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 50
    assert sum(outcome.first for outcome in outcomes) == 1
    assert len({str(outcome.reply) for outcome in outcomes}) == 1
    assert count(url, "SELECT n FROM effects") == 1
    assert count(url, "SELECT attempts FROM interactions") == 50


def test_waiting_attempts_take_over_when_the_first_is_rolled_back(url: str) -> None:
    holding, release = threading.Event(), threading.Event()
    outcomes: list[Outcome] = []

    def fails(session: Session) -> Result:
        posted(session)
        holding.set()
        release.wait(5)
        raise RuntimeError("killed")

    def first() -> None:
        with pytest.raises(RuntimeError, match="killed"):
            database(url).exchange(CLAIM, fails)

    leader = threading.Thread(target=first)
    leader.start()
    holding.wait(5)
    followers = [
        threading.Thread(target=lambda: outcomes.append(database(url).exchange(CLAIM, posted))) for _ in range(10)
    ]
    for thread in followers:
        thread.start()
    release.set()
    for thread in [leader, *followers]:
        thread.join()
    assert [outcome.first for outcome in outcomes].count(True) == 1
    assert len(outcomes) == 10
    assert count(url, "SELECT n FROM effects") == 1


def test_refused_work_leaves_its_reply_and_nothing_else(url: str) -> None:
    refusal = Result(Reply("message", {"components": [{"type": 10, "content": "not a capper"}]}))

    def refuses(session: Session) -> Result:
        posted(session)
        raise Refused(refusal)

    outcome = database(url).exchange(CLAIM, refuses)
    assert outcome.reply == refusal.reply.to_json()
    assert database(url).exchange(CLAIM, posted).reply == outcome.reply
    assert count(url, "SELECT n FROM effects") == 0
    assert count(url, "SELECT COUNT(*) FROM outbox") == 0


def test_deferred_reply_is_written_once_whichever_attempt_does_it(url: str) -> None:
    deferred = Deferred(application_id=3, token="secret-token", deferral=5, expires_at=NOW + timedelta(minutes=15))
    late = Claim(interaction_id=900, guild_id=7, user_id=1, route="bet", deferred=deferred)
    assert database(url).exchange(CLAIM, posted).first
    second = database(url).exchange(late, posted)
    third = database(url).exchange(late, posted)
    assert not second.first
    assert set(second.target_keys) == set(third.target_keys) == {"bet:1", "reply:900"}
    with database(url).read() as session:
        row = session.one("SELECT * FROM outbox WHERE kind = 'reply.edit'")
        assert count(url, "SELECT COUNT(*) FROM outbox WHERE kind = 'reply.edit'") == 1
    assert row is not None
    assert row["id"] == "900:reply"
    assert row["expires_at"] == NOW + timedelta(minutes=15)
    assert '"how":"edit_original"' in row["target"]
    assert "secret-token" not in row["target"]


def test_message_after_an_update_deferral_becomes_a_followup(url: str) -> None:
    deferred = Deferred(application_id=3, token="t", deferral=6, expires_at=NOW + timedelta(minutes=15))
    claim = Claim(interaction_id=901, guild_id=7, user_id=1, route="grade", deferred=deferred)
    database(url).exchange(claim, posted)
    with database(url).read() as session:
        row = session.one("SELECT target FROM outbox WHERE id = '901:reply'")
    assert row is not None
    assert '"how":"followup"' in row["target"]


def test_held_row_reads_as_unavailable_and_stores_nothing(url: str) -> None:
    holder = connect_from_url(url)
    with holder.cursor() as cursor:
        cursor.execute("SELECT n FROM effects FOR UPDATE")
    with pytest.raises(DatabaseUnavailableError), database(url).transaction() as session:
        session.execute(
            "INSERT INTO interactions (interaction_id, user_id, route, claimed_at) VALUES (1, 1, 'x', %s)", (NOW,)
        )
        session.execute("UPDATE effects SET n = 9")
    holder.close()
    assert count(url, "SELECT COUNT(*) FROM interactions") == 0

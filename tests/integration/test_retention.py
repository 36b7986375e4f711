"""What is over is removed, and nothing that a repeated delivery or a person still needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dbsbm.core.aws import Account, Credentials
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.database.database import Database
from dbsbm.database.exchange import Claim, Deferred
from dbsbm.discord.definitions import Reply, Result
from dbsbm.retention.service import BATCH, Retention
from infra.catalog import CATALOG, Schedule
from local.cloud.aws import MotoInside, create_resources
from local.cloud.execution import Names
from tests.integration.delivery_world import GUILD, World, message, refusal, slip, stamp

Pass = Callable[[], bool]


def always() -> bool:
    return True


@pytest.fixture
def world(database_url: str) -> World:
    return World(database_url)


@pytest.fixture
def database(world: World) -> Database:
    return world.environment().database


def remove_old(database: Database, clock: Any, has_time: Pass) -> dict[str, int]:
    return Retention(database, clock, has_time, archive_bucket()).run()


def archive_bucket() -> Bucket:
    """An empty bucket in moto."""
    aws, names = MotoInside(), Names()
    create_resources(replace(CATALOG, functions=(), secrets=(), keys=(), queues=()), names, {}, aws)
    account = Account("us-east-1", Credentials("k", "s"), {"": "http://127.0.0.1"})
    return Bucket(Aws(aws, account), names.of("archive"))


def count(database: Database, table: str) -> int:
    with database.read() as session:
        row = session.one("SELECT (SELECT COUNT(*) FROM interactions) AS i, (SELECT COUNT(*) FROM outbox) AS o")
    assert row is not None
    return int(row[table])


def test_a_repeat_within_the_quarter_of_an_hour_reads_the_same_reply(world: World, database: Database) -> None:
    claim = Claim(1, GUILD, 5, "bet")
    first = database.exchange(claim, lambda _: Result(Reply("message", {"content": "first"})))
    world.clock.moment += timedelta(minutes=15)
    remove_old(database, world.clock, always)
    again = database.exchange(claim, lambda _: Result(Reply("message", {"content": "second"})))
    assert (again.reply, again.first) == (first.reply, False)


def test_old_claims_and_finished_rows_go_and_the_message_can_still_be_edited(world: World, database: Database) -> None:
    database.exchange(Claim(1, GUILD, 5, "bet"), lambda _: Result(Reply("message", {"content": "x"})))
    world.enqueue(2, slip("Chiefs −3"))
    world.deliver()
    world.clock.moment += timedelta(hours=25)
    remove_old(database, world.clock, always)
    assert (count(database, "i"), count(database, "o")) == (0, 1)
    world.clock.moment += timedelta(days=7)
    removed = remove_old(database, world.clock, always)
    assert (removed["outbox"], count(database, "o")) == (1, 0)
    world.enqueue(3, stamp("Won"))
    world.deliver()
    assert world.discord.shown() == ["Won"]


def test_what_waits_or_needs_a_person_stays(world: World, database: Database) -> None:
    world.discord.fail(r"POST /webhooks/\d+/[^/?]+\?", refusal(403, 50013))
    world.enqueue(1, slip("dead"))
    world.deliver()
    world.enqueue(2, message("waiting"))
    world.clock.moment += timedelta(days=30)
    remove_old(database, world.clock, always)
    assert world.states() == {"1:1": "dead", "2:1": "pending"}
    world.clock.moment += timedelta(days=61)
    remove_old(database, world.clock, always)
    assert world.states() == {"2:1": "pending"}


def test_a_token_is_forgotten_when_discord_has_forgotten_it(world: World, database: Database) -> None:
    expires_at = world.clock.now() + timedelta(minutes=15)
    claim = Claim(1, GUILD, 5, "bet", Deferred(3, "the-token", 5, expires_at))
    database.exchange(claim, lambda _: Result(Reply("message", {"content": "x"})))

    def has_token() -> bool:
        with database.read() as session:
            return session.one("SELECT id FROM outbox WHERE target LIKE '%%token_cipher%%'", ()) is not None

    world.clock.moment += timedelta(minutes=14)
    remove_old(database, world.clock, always)
    assert has_token()
    world.clock.moment += timedelta(minutes=2)
    assert remove_old(database, world.clock, always)["tokens"] == 1
    assert not has_token()


def test_batches_are_bounded_and_end_with_the_time(world: World, database: Database) -> None:
    with database.transaction(statement_s=30) as session:
        session.execute(
            "INSERT INTO interactions (interaction_id, guild_id, user_id, route, claimed_at) "
            "SELECT seq, 1, 1, 'bet', %s FROM seq_1_to_1200",
            (world.clock.now() - timedelta(days=2),),
        )
    turns = iter([True, *[False] * 50])
    assert remove_old(database, world.clock, lambda: next(turns))["interactions"] == BATCH
    assert remove_old(database, world.clock, always)["interactions"] == 1200 - BATCH


def test_the_scheduler_fires_it() -> None:
    assert any(isinstance(trigger, Schedule) for trigger in CATALOG.function("job_retention").triggers)

"""The operator's hand on the outbox, on rows that delivery itself gave up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dbsbm.core.errors import ConflictError, NotFoundError
from dbsbm.outbox.operations import OutboxOperations, in_words
from local.run.outbox import act, shown
from local.servers import ServerError
from tests.integration.delivery_world import World, refusal, slip, stamp

POST_SLIP = r"POST /webhooks/\d+/[^/?]+\?"


@pytest.fixture
def world(database_url: str) -> World:
    return World(database_url)


def doubtful(world: World) -> None:
    """The slip arrived, the answer did not, and the row was given up as unknown."""
    world.discord.fail(POST_SLIP, None, effect=True)
    world.enqueue(1, slip("Chiefs −3"))
    world.deliver()
    with world.environment().database.transaction() as session:
        session.execute("UPDATE outbox SET state = 'unknown', message_id = NULL")
    world.clock.moment += timedelta(minutes=10)


def dead(world: World) -> None:
    world.discord.fail(POST_SLIP, refusal(403, 50013))
    world.enqueue(1, slip("Chiefs −3"))
    world.deliver()
    assert world.states() == {"1:1": "dead"}


def test_the_list_says_why_in_words(world: World) -> None:
    dead(world)
    with world.environment().database.read() as session:
        text = shown(OutboxOperations(session).waiting(), world.clock.now() + timedelta(hours=2))
    assert "1:1  dead  slip.post for bet:1  2.0 h old, 1 attempts" in text
    assert "the bot lacks a permission in the channel" in text
    assert shown((), world.clock.now()) == "Nothing needs you: no row is dead or unknown."


def test_a_dead_row_goes_out_when_its_cause_is_gone(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    dead(world)
    assert act(world.environment().database, "retry", ["1:1"], every=False, now=world.clock.now()) == 0
    assert "within a minute" in capsys.readouterr().out
    world.deliver()
    assert (world.states(), world.discord.shown()) == ({"1:1": "sent"}, ["Chiefs −3"])


def test_reconcile_finds_what_arrived_and_posts_nothing_twice(world: World) -> None:
    doubtful(world)
    assert act(world.environment().database, "reconcile", [], every=True, now=world.clock.now()) == 0
    world.deliver()
    assert (world.states(), world.discord.shown()) == ({"1:1": "sent"}, ["Chiefs −3"])


def test_reconcile_sends_what_did_not_arrive(world: World) -> None:
    doubtful(world)
    for channel in world.discord.messages.values():
        channel.clear()
    act(world.environment().database, "reconcile", ["1:1"], every=False, now=world.clock.now())
    world.deliver()
    assert (world.states(), world.discord.shown()) == ({"1:1": "sent"}, ["Chiefs −3"])


def test_a_dropped_row_needs_nobody_any_more(world: World) -> None:
    dead(world)
    database = world.environment().database
    assert act(database, "drop", ["1:1"], every=False, now=world.clock.now()) == 0
    world.deliver()
    assert (world.states(), world.discord.shown()) == ({"1:1": "dropped"}, [])
    with database.read() as session:
        assert OutboxOperations(session).waiting() == ()


def test_an_older_state_never_replaces_a_later_one(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.enqueue(1, slip("Chiefs −3"))
    world.deliver()
    world.discord.fail(r"PATCH /webhooks", refusal(400, 50035))
    world.enqueue(2, stamp("Lost"))
    world.deliver()
    world.enqueue(3, stamp("Won"))
    world.deliver()
    assert world.states() == {"1:1": "sent", "2:1": "dead", "3:1": "sent"}
    assert act(world.environment().database, "retry", ["2:1"], every=False, now=world.clock.now()) == 1
    assert "a later state already (3:1)" in capsys.readouterr().err
    assert world.discord.shown() == ["Won"]


def test_what_needs_nobody_is_left_alone(world: World) -> None:
    world.enqueue(1, slip("Chiefs −3"))
    world.deliver()
    now = world.clock.now()
    with world.environment().database.read() as session:
        operations = OutboxOperations(session)
        with pytest.raises(ConflictError, match="1:1 is sent"):
            operations.retry("1:1", now)
        with pytest.raises(NotFoundError):
            operations.drop("9:9")
    with pytest.raises(ServerError, match="--all"):
        act(world.environment().database, "drop", [], every=False, now=now)


def test_reasons_are_words() -> None:
    assert in_words("403 50001 Missing Access") == "the bot cannot see the channel [403 50001 Missing Access]"
    assert in_words("no answer timed out").startswith("Discord could not be reached")
    assert in_words("") == "no reason was noted"

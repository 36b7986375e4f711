"""Writing desired states: numbered per target, once per cause, without a readable token."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from dbsbm.core.errors import SettingsError
from dbsbm.database.exchange import Claim, Deferred
from dbsbm.discord.definitions import Post
from dbsbm.outbox.model import RowState
from dbsbm.outbox.repository import OutboxQueue, OutboxRepository
from dbsbm.security.tokens import TokenBox
from dbsbm.wiring import build
from tests.integration.delivery_world import GUILD, START, World, message, slip, text


@pytest.fixture
def world(database_url: str) -> World:
    return World(database_url)


def test_rows_of_a_cause_are_numbered_and_targets_count_their_own(world: World) -> None:
    world.enqueue(1, slip("a"), message("b"), message("c"))
    found = [(row["id"], row["target_key"], row["seq"]) for row in world.rows().values()]
    assert found == [("1:1", "bet:1", 1), ("1:2", "card:1", 1), ("1:3", "card:1", 2)]


def test_same_cause_enqueues_once(world: World) -> None:
    world.enqueue(1, slip("a"))
    world.enqueue(1, slip("another content"))
    (row,) = world.rows().values()
    assert '"content":"a"' in row["content"]


def test_causes_at_once_never_share_a_number(world: World) -> None:
    threads = [threading.Thread(target=world.enqueue, args=(cause, message(str(cause)))) for cause in range(1, 21)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(row["seq"] for row in world.rows().values()) == list(range(1, 21))


def test_token_is_sealed_and_bound_to_its_row(world: World) -> None:
    environment = world.environment()
    deferred = Deferred(3, "interaction-token", 5, START + timedelta(minutes=15))
    repository = OutboxRepository(environment.tokens)
    reply = {"v": 1, "kind": "update", "data": text("a"), "images": []}
    with environment.database.transaction() as session:
        repository.enqueue_reply(session, Claim(9, GUILD, 1, "bet", deferred), reply, START)
        (row,) = OutboxQueue(session).open_rows("reply:9")
    assert "interaction-token" not in str(row)
    assert environment.tokens.open_text(row.target["token_cipher"], "outbox|9:reply") == "interaction-token"


@pytest.mark.parametrize("kind", ["modal", "choices"])
def test_deferred_interaction_cannot_be_answered_by_a_modal_or_choices(world: World, kind: str) -> None:
    environment = world.environment()
    claim = Claim(9, GUILD, 1, "bet", Deferred(3, "t", 5, START))
    reply = {"v": 1, "kind": kind, "data": {}, "images": []}
    with environment.database.read() as session, pytest.raises(ValueError, match=kind):
        OutboxRepository(environment.tokens).enqueue_reply(session, claim, reply, START)


def test_lease_is_one_runs_until_it_ends_or_is_given_back(world: World) -> None:
    world.enqueue(1, message("a"))
    until = START + timedelta(seconds=45)
    with world.environment().database.transaction() as session:
        queue = OutboxQueue(session)
        assert queue.lease("card:1", "first", START, until)
        assert queue.lease("card:1", "first", START, until)
        assert not queue.lease("card:1", "second", START, until)
        queue.release("card:1", "second")
        assert not queue.lease("card:1", "second", START, until)
        queue.release("card:1", "first")
        assert queue.lease("card:1", "second", START, until)
        assert queue.lease("card:1", "first", until, until + timedelta(seconds=45))
        assert not queue.lease("no such target", "first", START, until)


def test_targets_come_in_the_order_they_were_asked_for_and_leased_ones_not_at_all(world: World) -> None:
    world.enqueue(1, message("a", key="late"))
    world.clock.sleep(5)
    world.enqueue(2, message("b", key="later"), message("c", key="leased"))
    now = world.clock.now()
    with world.environment().database.transaction() as session:
        queue = OutboxQueue(session)
        queue.lease("leased", "another", now, now + timedelta(seconds=45))
        assert queue.due_targets(now, 10) == ("late", "later")
        assert queue.due_targets(now, 1) == ("late",)
        assert queue.due_targets(START - timedelta(seconds=1), 10) == ()


def test_finished_row_is_not_taken_up_again(world: World) -> None:
    world.enqueue(1, message("a"))
    with world.environment().database.transaction() as session:
        queue = OutboxQueue(session)
        queue.finish("1:1", RowState.DEAD, "x" * 600)
        queue.postpone("1:1", RowState.PENDING, START, "late")
        queue.finish("1:1", RowState.UNKNOWN)
    (row,) = world.rows().values()
    assert row["state"] == "dead"
    assert len(row["last_error"]) == 500


def test_sealing_without_a_key_says_which_setting_is_missing(world: World) -> None:
    environment = build({})
    post = Post("reply.edit", "draft:1", {"token": "t", "how": "edit_original"}, {})
    with world.environment().database.read() as session, pytest.raises(SettingsError, match="TOKEN_KEY"):
        OutboxRepository(TokenBox(lambda: environment.secret("token_key"))).enqueue(session, "1", 0, [post], START)

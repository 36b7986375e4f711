"""``/webhook``: a system of the community's own is told what happens, signed, in order, and nothing is lost."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from local.cloud import Faults
from local.discord_simulator import Person, Seen
from tests.e2e.receiver import Receiver, receiving
from tests.e2e.world import NOW, World, after, distinct_pick, opened

pytestmark = pytest.mark.slow
SOON = NOW + timedelta(minutes=3)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world.set_up(starts_at=SOON)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def added(world: World, receiver: Receiver, **options: str) -> Seen:
    seen = world.olga.slash("webhook add", url=receiver.url, **options)
    found = re.search(r"whsec_[A-Za-z0-9+/=]+", seen.text)
    assert found is not None, seen.text
    receiver.secret = found[0]
    return seen


def posted(world: World, number: int = 5) -> None:
    world.settled(world.ann.slash("bet", pick=distinct_pick(number)).click("Post"))


def chosen(world: World, person: Person, command: str) -> str:
    return str(person.autocomplete(f"webhook {command}", "webhook", "")[0].value)


def graded(world: World) -> Seen:
    after(world, seconds=(SOON - world.clock.now()).total_seconds() + 1)
    panel = world.slips(world.gina)[-1].by(world.gina).click("⋯")
    return world.settled(panel.click("Won"))


def test_what_happens_is_told_in_order_and_its_signature_holds(world: World, receiver: Receiver) -> None:
    seen = added(world, receiver)
    assert seen.private
    posted(world)
    panel = graded(world)
    world.settled(panel.click("Undo"))
    world.settled(world.olga.slash("capper pause", user=world.ann))
    assert receiver.types() == ["bet.created", "bet.graded", "bet.regraded", "capper.changed"]
    created, won, undone, paused = receiver.taken
    assert created["data"]["bet"]["risk_units"] == "2"
    assert created["data"]["bet"]["legs"][0]["home"] == "Las Vegas Raiders"
    assert (won["data"]["decision"]["grade"], won["data"]["decision"]["profit_units"]) == ("won", "1.818182")
    assert (undone["data"]["decision"]["grade"], undone["data"]["decision"]["profit_units"]) == (None, "0")
    assert paused["data"]["capper"] == {"id": str(world.ann.user_id), "name": "Ann the Sharp", "state": "paused"}
    assert {document["guild_id"] for document in receiver.taken} == {str(world.guild.id)}
    assert receiver.forged == 0
    assert world.simulator.problems == []


def test_the_secret_is_shown_once_and_nowhere_stored_in_the_clear(world: World, receiver: Receiver) -> None:
    added(world, receiver)
    assert receiver.secret not in world.olga.slash("webhook list").text
    stored = str(world.rows("SELECT * FROM interactions")) + str(world.rows("SELECT * FROM webhook_endpoints"))
    assert receiver.secret not in stored + str(world.rows("SELECT content FROM outbox"))
    assert receiver.secret not in json.dumps(world.cloud.logs("command_guild"))


def test_only_what_was_asked_for_and_only_the_own_guild(world: World, receiver: Receiver) -> None:
    added(world, receiver, events="results")
    elsewhere = world.simulator.guild("Elsewhere")
    hugo = elsewhere.user("hugo", role="admin")
    hugo.slash("setup", slip_channel=elsewhere.channel("slips"))
    hugo.slash("capper add", user=hugo)
    posted(world)
    assert receiver.taken == []
    graded(world)
    assert receiver.types() == ["bet.graded"]
    assert "No system is told" in hugo.slash("webhook list").text
    assert hugo.autocomplete("webhook log", "webhook", "") == []
    key = chosen(world, world.olga, "log")
    assert "no such thing" in hugo.slash("webhook remove", webhook=key).text


def test_a_test_event_the_log_and_sending_again_under_the_same_id(world: World, receiver: Receiver) -> None:
    added(world, receiver)
    world.settled(world.olga.slash("webhook test", webhook=chosen(world, world.olga, "test")))
    assert receiver.types() == ["test"]
    log = world.olga.slash("webhook log", webhook=chosen(world, world.olga, "log"))
    assert "sent (200, attempts: 1)" in log.text
    log.select("Send one of these again, under the same id", receiver.ids[0])
    world.cloud.run_until_idle()
    assert receiver.ids[0] == receiver.ids[1]
    assert receiver.taken[0] == receiver.taken[1]
    removed = world.olga.slash("webhook remove", webhook=chosen(world, world.olga, "remove"))
    assert "not told anything any more" in removed.text
    posted(world)
    assert len(receiver.taken) == 2


def test_a_failing_receiver_is_tried_later_in_order_and_nothing_is_lost(world: World, receiver: Receiver) -> None:
    added(world, receiver)
    receiver.status = 503
    for number in range(3):
        posted(world, number)
    assert receiver.taken == []
    assert len(set(receiver.ids)) == 1
    assert "failing, first" in world.olga.slash("webhook list").text
    receiver.status = 200
    after(world, minutes=2)
    assert receiver.types() == ["bet.created"] * 3
    assert [document["id"] for document in receiver.taken] == [
        f"bet-{row['bet_id']}-created" for row in world.rows("SELECT bet_id FROM bets ORDER BY bet_id")
    ]


def test_a_dead_receiver_is_parked_after_a_day_with_a_notice_and_resumed_without_loss(
    world: World, receiver: Receiver
) -> None:
    added(world, receiver)
    receiver.status = 500
    posted(world, 1)
    after(world, minutes=5)
    tried = len(receiver.ids)
    assert tried > 2
    a_day_ago = world.clock.now() - timedelta(hours=24)
    overdue = "UPDATE webhook_endpoints SET failing_since = %s, waits_until = NULL"
    world.database.run(lambda session: session.execute(overdue, (a_day_ago,)))
    after(world, minutes=2)
    assert len(receiver.ids) == tried + 1
    assert world.rows("SELECT state FROM webhook_endpoints")[0]["state"] == "parked"
    assert ["Nothing got through" in seen.text for seen in world.olga.in_direct().sees()] == [True]
    world.settled(world.olga.slash("capper pause", user=world.ann))
    assert len(receiver.ids) == tried + 1
    receiver.status = 200
    listed = world.olga.slash("webhook list")
    assert "2 events are kept" in listed.text
    world.settled(listed.click(listed.buttons[0]))
    assert receiver.types() == ["bet.created", "capper.changed"]
    assert "working" in world.olga.slash("webhook list").text


def test_killed_between_sending_and_writing_it_down_the_same_event_comes_again(
    database_url: str, receiver: Receiver
) -> None:
    with opened(database_url) as world:
        world.set_up()
        added(world, receiver)
        key = chosen(world, world.olga, "test")
        world.cloud.arm(Faults())
        world.settled(world.olga.slash("webhook test", webhook=key))
        request = next(each.number for each in world.cloud.crossings if each.detail == "POST /hooks")
        world.cloud.arm(Faults.kill(crossing=request, when="after"))
        world.settled(world.olga.slash("webhook test", webhook=key))
        world.cloud.arm(Faults())
        after(world, minutes=3)
        first, second, again = receiver.ids
        assert first != second == again
        assert receiver.taken[1] == receiver.taken[2]
        assert {row["state"] for row in world.rows("SELECT state FROM webhook_events")} == {"sent"}


def test_a_redirect_into_the_house_is_not_followed(world: World, receiver: Receiver) -> None:
    added(world, receiver)
    receiver.status, receiver.headers = 307, {"location": "http://169.254.169.254/latest/meta-data/"}
    posted(world)
    log = world.olga.slash("webhook log", webhook=chosen(world, world.olga, "log"))
    assert "address: private" in log.text


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://10.0.0.1/x", "not on the public internet"),
        ("https://localhost/x", "not on the public internet"),
        ("ftp://example.com/x", "https://"),
        ("https://user@example.com/x", "not an address"),
    ],
)
def test_an_address_that_may_not_be_told_is_refused_at_once(world: World, url: str, said: str) -> None:
    assert said in world.olga.slash("webhook add", url=url).text
    assert world.rows("SELECT endpoint_id FROM webhook_endpoints") == ()


def test_a_new_secret_overlaps_with_the_one_before_for_a_day(world: World, receiver: Receiver) -> None:
    added(world, receiver)
    before = receiver.secret
    log = world.olga.slash("webhook log", webhook=chosen(world, world.olga, "log"))
    seen = log.click("New secret")
    found = re.search(r"whsec_[A-Za-z0-9+/=]+", seen.text)
    assert found is not None
    assert (seen.private, found[0] != before) == (True, True)
    posted(world, 5)
    receiver.secret = found[0]
    posted(world, 6)
    assert (receiver.types(), receiver.forged) == (["bet.created"] * 2, 0)
    world.cloud.skip_to(world.clock.now() + timedelta(hours=25))
    world.settled(world.olga.slash("capper pause", user=world.ann))
    assert (len(receiver.taken), receiver.forged) == (3, 0)
    receiver.secret = before
    world.settled(world.olga.slash("webhook test", webhook=chosen(world, world.olga, "test")))
    assert (len(receiver.taken), receiver.forged > 0) == (3, True)
    stored = str(world.rows("SELECT * FROM interactions")) + str(world.rows("SELECT * FROM webhook_endpoints"))
    assert found[0] not in stored

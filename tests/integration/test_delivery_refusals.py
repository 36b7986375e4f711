"""What Discord refuses: limits are waited for, what cannot heal is ended and marked, lost webhooks are replaced."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dbsbm.delivery.repository import UnreachableRepository
from dbsbm.discord.definitions import Post
from tests.integration.delivery_world import (
    CHANNEL,
    GUILD,
    START,
    World,
    message,
    refusal,
    slip,
    stamp,
)

POST_SLIP = r"POST /webhooks/\d+/[^/?]+\?"


@pytest.fixture
def world(database_url: str) -> World:
    return World(database_url)


def later(world: World, **delta: float) -> None:
    world.clock.moment += timedelta(**delta)


@pytest.mark.parametrize(
    ("headers", "body", "wait_s"),
    [
        ({"retry-after": "65", "x-ratelimit-scope": "user"}, {"retry_after": 64.57}, 65.0),
        ({"x-ratelimit-scope": "shared"}, {"retry_after": 31.25}, 31.25),
        ({"retry-after": "600"}, {}, 600.0),
        ({}, {}, 300.0),
    ],
    ids=["header", "json", "header alone", "cloudflare"],
)
def test_rate_limit_moves_the_row_by_what_discord_asks(
    world: World, headers: dict[str, str], body: dict[str, Any], wait_s: float
) -> None:
    world.enqueue(1, slip("a"))
    world.discord.fail(POST_SLIP, refusal(429, 0, headers, **body))
    assert world.deliver() == {"postponed": 1}
    assert world.rows()["1:1"]["next_attempt_at"] == START + timedelta(seconds=wait_s)
    later(world, seconds=wait_s - 1)
    assert world.deliver() == {}
    later(world, seconds=1)
    assert world.deliver() == {"sent": 1}
    assert world.discord.shown() == ["a"]


def test_short_rate_limit_is_sat_out_within_the_run(world: World) -> None:
    world.enqueue(1, slip("a"))
    world.discord.fail(POST_SLIP, refusal(429, 0, {"retry-after": "1"}, retry_after=0.6))
    assert world.deliver("bet:1") == {"postponed": 1, "sent": 1}
    assert world.clock.now() == START + timedelta(seconds=1)


def test_rate_limit_of_a_channel_is_met_once_a_run_not_once_a_slip(world: World) -> None:
    world.discord.messages[51] = []
    for number in range(1, 6):
        world.enqueue(number, slip(f"slip {number}", bet=number))
    elsewhere = message("elsewhere")
    world.enqueue(9, Post("message.post", "card:9", {"channel_id": 51}, elsewhere.data))
    world.discord.fail(POST_SLIP, refusal(429, 0, {"retry-after": "30"}))
    assert world.deliver() == {"postponed": 1, "sent": 1}
    assert sum("POST /webhooks" in call for call in world.discord.calls) == 1
    later(world, seconds=30)
    assert world.deliver() == {"sent": 5}
    assert world.discord.shown() == [f"slip {number}" for number in range(1, 6)]


def test_stamp_is_not_lost_while_its_slip_waits_with_the_channel(world: World) -> None:
    world.enqueue(1, slip("first", bet=1))
    world.enqueue(2, slip("second", bet=2))
    world.enqueue(3, stamp("second graded", bet=2))
    world.discord.fail(POST_SLIP, refusal(429, 0, {"retry-after": "30"}))
    assert world.deliver() == {"postponed": 1}
    later(world, seconds=30)
    assert world.deliver() == {"overtaken": 1, "sent": 2}
    assert world.discord.shown() == ["first", "second graded"]


def test_rate_limited_target_also_holds_back_what_came_in_since(world: World) -> None:
    world.enqueue(1, slip("a"))
    world.discord.fail(POST_SLIP, refusal(429, 0, {"retry-after": "60"}))
    world.deliver()
    world.enqueue(2, stamp("b"))
    assert world.deliver("bet:1") == {}
    later(world, seconds=60)
    assert world.deliver() == {"overtaken": 1, "sent": 1}
    assert world.discord.shown() == ["b"]


@pytest.mark.parametrize("code", [10003, 10004, 50001, 50013])
def test_channel_that_cannot_be_reached_is_marked_and_the_row_dead(world: World, code: int) -> None:
    world.enqueue(1, message("recap"))
    world.discord.fail(r"POST /channels", refusal(403, code))
    assert world.deliver() == {"dead": 1}
    with world.environment().database.read() as session:
        assert UnreachableRepository(session).codes(GUILD) == {CHANNEL: code}
    world.enqueue(2, message("recap again"))
    assert world.deliver() == {"sent": 1}
    with world.environment().database.read() as session:
        assert UnreachableRepository(session).codes(GUILD) == {}


def test_malformed_message_is_dead_with_discords_reason(world: World) -> None:
    world.enqueue(1, message("recap"))
    world.discord.fail(r"POST /channels", refusal(400, 50035, errors={"components": {"_errors": ["BASE_TYPE"]}}))
    assert world.deliver() == {"dead": 1}
    assert "BASE_TYPE" in world.rows()["1:1"]["last_error"]


@pytest.mark.parametrize(("status", "code"), [(404, 10015), (401, 50027)])
def test_lost_webhook_is_replaced_for_new_slips(world: World, status: int, code: int) -> None:
    world.enqueue(1, slip("a"))
    world.deliver()
    (old,) = world.discord.webhooks
    world.enqueue(2, slip("b", bet=2))
    world.discord.fail(POST_SLIP, refusal(status, code))
    world.discord.webhooks.pop(old)
    assert world.deliver() == {"sent": 1}
    assert world.discord.shown() == ["a", "b"]
    assert old not in world.discord.webhooks


def test_slip_of_a_lost_webhook_is_unstampable(world: World) -> None:
    world.enqueue(1, slip("a"))
    world.deliver()
    world.discord.webhooks.clear()
    world.enqueue(2, stamp("graded"))
    assert world.deliver() == {"dead": 1}
    assert "unstampable" in world.rows()["2:1"]["last_error"]


def test_deleted_message_ends_its_edits(world: World) -> None:
    world.enqueue(1, slip("a"))
    world.deliver()
    world.discord.messages[CHANNEL].clear()
    world.enqueue(2, stamp("graded"))
    assert world.deliver() == {"dead": 1}

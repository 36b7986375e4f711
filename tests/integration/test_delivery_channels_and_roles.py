"""Channels that the bot makes itself, and roles that it hands out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dbsbm.discord.definitions import Post
from tests.integration.delivery_world import GUILD, Crossings, Killed, World, refusal

CREATE = rf"POST /guilds/{GUILD}/channels"
VOICE = 2


@pytest.fixture
def world(database_url: str) -> World:
    return World(database_url)


def create(name: str) -> Post:
    return Post("channel.create", "counter:1", {}, {"name": name, "type": VOICE})


def rename(name: str) -> Post:
    return Post("channel.rename", "counter:1", {}, {"name": name})


def delete() -> Post:
    return Post("channel.delete", "counter:1", {}, {})


def names(world: World) -> list[str]:
    return [channel["name"] for channel in world.discord.channels.values()]


def give(role_id: int = 9) -> Post:
    return Post("role.set", f"role:{role_id}", {"user_id": 8, "role_id": role_id, "held": True}, {})


def test_a_channel_is_made_renamed_and_removed(world: World) -> None:
    for number, (post, shown) in enumerate([(create("+1u"), ["+1u"]), (rename("+2u"), ["+2u"]), (delete(), [])], 1):
        world.enqueue(number, post)
        assert world.deliver() == {"sent": 1}
        assert names(world) == shown


def test_a_channel_not_made_yet_is_made_with_its_last_name(world: World) -> None:
    world.enqueue(1, create("+1u"))
    world.enqueue(2, rename("+2u"))
    assert world.deliver() == {"overtaken": 1, "sent": 1}
    assert next(iter(world.discord.channels.values())) | {"id": ""} == {"id": "", "name": "+2u", "type": VOICE}


def test_a_channel_switched_off_before_it_was_made_is_never_made(world: World) -> None:
    world.enqueue(1, create("+1u"))
    world.enqueue(2, delete())
    assert world.deliver() == {"overtaken": 1, "sent": 1}
    assert CREATE not in world.discord.calls


def test_a_channel_that_somebody_removed_is_removed(world: World) -> None:
    world.enqueue(1, create("+1u"))
    world.deliver()
    world.discord.channels.clear()
    world.enqueue(2, delete())
    assert world.deliver() == {"sent": 1}


@pytest.mark.parametrize("answer", [None, refusal(502)], ids=["no answer", "502"])
def test_a_channel_in_doubt_is_found_again(world: World, answer: Any) -> None:
    world.enqueue(1, create("+1u"))
    world.discord.fail(CREATE, answer, effect=True)
    world.deliver()
    world.clock.moment += timedelta(minutes=1)
    world.deliver()
    assert names(world) == ["+1u"]
    world.enqueue(2, rename("+2u"))
    world.deliver()
    assert names(world) == ["+2u"]


def test_a_run_killed_anywhere_makes_one_channel(world: World) -> None:
    killed = 0
    for crossing in range(1, 40):
        fresh = World(world.database_url)
        fresh.clock.moment += timedelta(hours=crossing)
        number = 100 + crossing
        post = Post("channel.create", f"counter:{number}", {}, {"name": f"n{number}", "type": VOICE})
        fresh.enqueue(number, post)
        try:
            fresh.deliver(post.target_key, crossings=Crossings(kill_at=crossing))
        except Killed:
            killed += 1
        fresh.clock.moment += timedelta(minutes=2)
        fresh.deliver(post.target_key)
        assert names(fresh) == [f"n{number}"]
    assert killed > 5


@pytest.mark.parametrize(
    ("role", "reason"),
    [
        ({"position": 5}, "not below the bot's own"),
        ({"position": 6}, "not below the bot's own"),
        ({"managed": True}, "belongs to an integration"),
        ({"permissions": str(1 << 13)}, "moderating rights"),
        ({"permissions": str(1 << 40)}, "moderating rights"),
        ({"id": str(GUILD)}, "everybody has this role"),
        ({"id": "10"}, "was deleted"),
    ],
)
def test_a_role_that_must_not_be_handed_out_is_not(world: World, role: dict[str, Any], reason: str) -> None:
    world.discord.roles[0] |= role
    asked = GUILD if role.get("id") == str(GUILD) else 9
    world.enqueue(1, give(asked))
    assert world.deliver() == {"dead": 1}
    assert reason in world.rows()["1:1"]["last_error"]
    assert not any(call.startswith("PUT") for call in world.discord.calls)


def test_a_role_is_taken_whatever_it_may_do(world: World) -> None:
    world.discord.roles[0]["permissions"] = str(1 << 13)
    world.enqueue(1, Post("role.set", "role:9", {"user_id": 8, "role_id": 9, "held": False}, {}))
    assert world.deliver() == {"sent": 1}

"""*Send test slip* says what is missing, however the rights of the bot were taken from it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.cloud import Faults
from local.cloud.faults import When
from local.discord_simulator import Seen
from tests.e2e.test_kills import at_every_crossing
from tests.e2e.world import World, after, on_schedule, opened

pytestmark = pytest.mark.slow


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url, catalog=on_schedule(delivery="rate(1 minute)")) as world:
        yield world.set_up()


def pressed(world: World) -> Seen:
    return world.settled(world.olga.slash("setup").click("Send test slip"))


def test_a_test_slip_arrives_where_nothing_is_missing(world: World) -> None:
    assert "on its way" in pressed(world).text
    assert "Test slip" in world.slips(world.bob)[-1].text


@pytest.mark.parametrize(
    ("denied", "named"),
    [
        (("MANAGE_WEBHOOKS",), ["Manage Webhooks"]),
        (("ATTACH_FILES", "READ_MESSAGE_HISTORY"), ["Attach Files", "Read Message History"]),
    ],
)
def test_each_right_that_is_missing_is_named(world: World, denied: tuple[str, ...], named: list[str]) -> None:
    world.guild.channel("slips").overwrite("bot", deny=denied)
    told = pressed(world)
    assert told.private
    assert told.text.partition("**")[2].partition("**")[0] == ", ".join(named)
    assert world.guild.channel("slips").seen_by(world.bob) == []
    world.guild.channel("slips").overwrite("bot", allow=denied)
    pressed(world)
    assert "Test slip" in world.slips(world.bob)[-1].text


def test_a_channel_that_is_gone_is_named_as_such(world: World) -> None:
    panel = world.olga.slash("setup")
    world.guild.channel("slips").delete()
    assert "does not exist any more" in world.settled(panel.click("Send test slip")).text


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_killed_test_says_or_posts_once(world: World, when: When) -> None:
    def once(faults: Faults) -> int:
        before = len(world.guild.channel("slips").seen_by(world.bob))
        world.olga.slash("setup").click("Send test slip")
        world.cloud.arm(faults)
        world.cloud.run_until_idle()
        crossings = len(world.cloud.crossings)
        world.cloud.arm(Faults())
        after(world, seconds=150)
        assert len(world.guild.channel("slips").seen_by(world.bob)) == before + 1
        return crossings

    assert at_every_crossing(when, once) > 10

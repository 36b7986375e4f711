"""Killed at any statement, commit or call, what was confirmed arrives and nothing arrives twice."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Literal

import pytest

from dbsbm.database.exchange import Claim
from dbsbm.database.session import Session
from dbsbm.discord.definitions import Post, Result
from tests.integration.delivery_world import GUILD, Crossings, Killed, World, answered, message, slip, stamp, text

Step = Callable[[World, Crossings], None]


def _exchange(interaction_id: int, *posts: Post) -> Step:
    def step(world: World, crossings: Crossings) -> None:
        def work(session: Session) -> Result:
            session.execute("UPDATE effects SET n = n + 1")
            return answered(*posts)

        claim = Claim(interaction_id, GUILD, 8, "bet")
        environment = world.environment(crossings)
        environment.database.exchange(claim, work)
        environment.database.close()

    return step


def _delivery(*keys: str) -> Step:
    return lambda world, crossings: _deliver(world, keys, crossings)


def _deliver(world: World, keys: tuple[str, ...], crossings: Crossings) -> None:
    world.deliver(*keys, crossings=crossings)


SLIP_LIFE: tuple[Step, ...] = (
    _exchange(1, slip("open")),
    _delivery("bet:1"),
    _exchange(2, stamp("graded")),
    _delivery("bet:1"),
)
GRADED_BEFORE_POSTED: tuple[Step, ...] = (
    _exchange(1, slip("open")),
    _exchange(2, stamp("graded")),
    _delivery("bet:1"),
)
RECAP_LIFE: tuple[Step, ...] = (
    _exchange(1, message("recap")),
    _delivery("card:1"),
    _exchange(2, Post("message.edit", "card:1", {}, text("graded"))),
    _delivery("card:1"),
)


def _live(world: World, steps: tuple[Step, ...], crossings: Crossings) -> None:
    """Run the steps; a step that is killed is delivered again to a fresh environment, as Discord and Lambda do."""
    for step in steps:
        try:
            step(world, crossings)
        except Killed:
            step(world, Crossings())
    for _ in range(4):  # the sweep of the following minutes
        world.clock.sleep(60)
        world.deliver()


def _crossings_of(world: World, steps: tuple[Step, ...]) -> int:
    counted = Crossings()
    _live(world, steps, counted)
    return counted.count


def _reset(world: World) -> None:
    with world.environment().database.transaction() as session:
        for table in ("interactions", "outbox", "outbox_targets", "channel_webhooks"):
            session.execute(f"DELETE FROM {table}")
        session.execute("UPDATE effects SET n = 0")


@pytest.fixture
def effects_url(database_url: str) -> str:
    with World(database_url).environment().database.transaction() as session:
        session.execute("CREATE TABLE effects (n INT NOT NULL)")
        session.execute("INSERT INTO effects VALUES (0)")
    return database_url


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "steps", [SLIP_LIFE, GRADED_BEFORE_POSTED, RECAP_LIFE], ids=["slip", "early grade", "bot message"]
)
def test_kill_at_every_crossing_loses_and_doubles_nothing(
    effects_url: str, steps: tuple[Step, ...], when: Literal["before", "after"], capsys: pytest.CaptureFixture[str]
) -> None:
    crossings = _crossings_of(World(effects_url), steps)
    for number in range(1, crossings + 1):
        world = World(effects_url)
        _reset(world)
        _live(world, steps, Crossings(kill_at=number, when=when))
        with world.environment().database.read() as session:
            row = session.one("SELECT n FROM effects")
        assert row == {"n": 2}, f"{when} crossing {number}"
        assert world.discord.shown() == ["graded"], f"{when} crossing {number}: {world.rows()}"
        assert set(world.states().values()) <= {"sent", "overtaken"}, f"{when} crossing {number}"
        assert len(world.discord.webhooks) <= 1, f"{when} crossing {number}"
    assert crossings > 20
    with capsys.disabled():
        sys.stdout.write(f"\n  killed {when} each of {crossings} crossings")


def test_two_runs_at_once_send_a_target_once(database_url: str) -> None:
    """The second run comes in the middle of the first one's call to Discord."""
    world = World(database_url)
    world.enqueue(1, slip("open"))
    inner: list[dict[str, int]] = []
    do = world.discord._do

    def meanwhile(call: str, request: object) -> object:
        if "POST /webhooks" in call and not inner:
            inner.append({})
            inner.append(world.deliver("bet:1"))
        return do(call, request)  # type: ignore[arg-type]

    world.discord._do = meanwhile  # type: ignore[method-assign, assignment]
    assert world.deliver("bet:1") == {"sent": 1}
    assert inner[1] == {}
    assert world.discord.shown() == ["open"]

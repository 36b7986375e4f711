"""A kill before and after every crossing of the job that tells followers: each result is told once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import cycle

import pytest

from dbsbm.betting.settlement import Grade
from local.cloud import Faults
from local.cloud.errors import FunctionError
from local.cloud.faults import When
from tests.e2e.test_kills import at_every_crossing
from tests.e2e.test_notify import graded, inbox, newest, slip
from tests.e2e.world import World, after, opened

pytestmark = pytest.mark.slow


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world.set_up()


@pytest.mark.parametrize("when", ["before", "after"])
def test_each_result_is_told_once(world: World, when: When, figure: Callable[[str], None]) -> None:
    world.bob.slash("notify").click("Send me my results")
    slip(world).by(world.bob).click("Tail")
    grades = cycle((Grade.WON, Grade.LOST))

    def once(faults: Faults) -> int:
        before = len(inbox(world, world.bob))
        graded(world, next(grades), newest(world))
        world.database.run(lambda session: session.execute("UPDATE tail_news SET due_at = %s", (world.clock.now(),)))
        world.cloud.arm(faults)
        with suppress(FunctionError):
            world.cloud.invoke("job_notify", {})
        crossings = len(world.cloud.crossings)
        world.cloud.arm(Faults())
        world.cloud.invoke("job_notify", {})
        after(world, seconds=61)
        assert len(inbox(world, world.bob)) == before + 1
        assert world.rows("SELECT bet_id FROM tail_news WHERE due_at IS NOT NULL") == ()
        return crossings

    figure(f"killed {when} each of {at_every_crossing(when, once)} crossings: every result told once")

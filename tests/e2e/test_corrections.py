"""Standings of a month that is over get a correction line when a grade of that month changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from dbsbm.betting.settlement import Grade
from local.cloud import Faults
from local.cloud.errors import FunctionError
from tests.e2e.routines import bet, community, decide, fired, local, posts, switch_on
from tests.e2e.world import World

pytestmark = pytest.mark.slow
START = datetime(2026, 10, 30, 16, 0, tzinfo=UTC)
FIRST = date(2026, 11, 1)
DAY = timedelta(days=1)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with community(database_url, START) as world:
        switch_on(world, "Monthly standings")
        yield world


def test_a_regrade_of_a_closed_month_is_told_below_its_standings(world: World) -> None:
    changed = bet(world, world.ann, local(date(2026, 10, 30), 20), Grade.WON)
    bet(world, world.bob, local(date(2026, 10, 30), 20), Grade.WON)
    world.cloud.skip_to(local(FIRST, 9))
    (post,) = posts(world)
    before = post.text
    assert "Leaderboard" in before
    bet(world, world.ann, local(FIRST, 20), Grade.WON)
    world.cloud.skip_to(local(FIRST + DAY, 10))
    assert posts(world)[0].text == before, "another month's bet changes nothing"
    decide(world, changed, Grade.LOST)
    world.cloud.skip_to(local(FIRST + DAY, 10, 30))
    (post,) = posts(world)
    assert post.text.startswith(before)
    assert "**Correction**" in post.text
    assert "Ann the Sharp: 1–0–0 · +0.91u → **0–1–0 · −1u**" in post.text
    assert "Bob:" not in post.text
    assert post.images
    decide(world, changed, Grade.WON)
    world.cloud.skip_to(local(FIRST + DAY, 12))
    assert "again as posted" in posts(world)[0].text
    world.cloud.skip_to(local(date(2026, 12, 10), 12))
    decide(world, changed, Grade.PUSH)
    world.cloud.skip_to(local(date(2026, 12, 10), 13))
    assert "again as posted" in posts(world)[0].text, "two months later it stays as it is"
    assert world.simulator.problems == []


def test_a_bet_graded_after_the_month_is_added(world: World) -> None:
    bet(world, world.ann, local(date(2026, 10, 31), 20), Grade.WON)
    late = bet(world, world.ann, local(date(2026, 10, 31), 20))
    world.cloud.skip_to(local(FIRST, 9))
    decide(world, late, Grade.LOST)
    world.cloud.skip_to(local(FIRST, 10))
    assert "**Graded since** this was posted" in posts(world)[0].text
    assert "Ann the Sharp: 1–0–0 · +0.91u → **1–1–0 · −0.09u**" in posts(world)[0].text


def test_a_job_killed_at_any_crossing_corrects_once(world: World, figure: Callable[[str], None]) -> None:
    changed = bet(world, world.ann, local(date(2026, 10, 30), 20), Grade.WON)
    world.cloud.skip_to(local(FIRST, 9))
    killed = 0
    for number in range(1, 40, 3):
        decide(world, changed, Grade.LOST if number % 2 else Grade.WON)
        moment = local(FIRST, 10) + number * timedelta(minutes=20)
        world.clock.move_to(moment)
        world.cloud.arm(Faults.kill(crossing=number))
        try:
            fired(world)
        except FunctionError:
            killed += 1
        world.cloud.arm(Faults())
        world.cloud.skip_to(moment + timedelta(minutes=19))
        (post,) = posts(world)
        assert ("**0–1–0 · −1u**" if number % 2 else "again as posted") in post.text
    assert killed
    figure(f"correction of a month, killed at {killed} crossings: each said once")

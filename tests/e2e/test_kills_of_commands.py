"""Functions die at every crossing of posting and of grading: nothing is lost, nothing doubled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count, cycle

import pytest

from local.cloud import Faults
from local.cloud.faults import When
from local.discord_simulator import Seen
from tests.e2e.world import KICK_OFF, World, opened

pytestmark = pytest.mark.slow
_MINUTES = 4


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world.set_up(starts_at=KICK_OFF + timedelta(days=3))


def bets(world: World) -> int:
    return len(world.rows("SELECT bet_id FROM bets"))


def decisions(world: World) -> int:
    return len(world.rows("SELECT bet_id FROM bet_grades"))


def slips(world: World) -> int:
    return len(world.guild.channel("slips").seen_by(world.bob))


def each_kill(world: World, when: When, once: Callable[[Faults], None]) -> int:
    """Run once per crossing, with a kill there; returns how many crossings there were."""
    for number in count(1):
        once(Faults.kill(crossing=number, when=when))
        if len(world.cloud.crossings) < number:
            return number - 1
    raise AssertionError("unreachable")


def come_true(world: World, wanted: Callable[[], bool]) -> bool:
    """Whether something is so now, or becomes so within four minutes of retries and sweeps."""
    world.cloud.run_until_idle()
    for _ in range(_MINUTES):
        if wanted():
            return True
        world.cloud.advance(60)
    return wanted()


def press(world: World, faults: Faults, shown: Seen, label: str, wanted: Callable[[], bool]) -> None:
    """One click during which the faults happen; pressed again when it came to nothing, as a person would."""
    world.cloud.arm(faults)
    shown.click(label)
    done = come_true(world, wanted)
    crossings = world.cloud.crossings
    if not done:
        world.cloud.arm(Faults())
        shown.click(label)
        assert come_true(world, wanted)
    world.cloud.armed.crossings = crossings


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_post_survives_a_kill_at_every_crossing(world: World, when: When) -> None:
    def once(faults: Faults) -> None:
        before = bets(world)
        # Another line each time: the same one again within ten minutes would be asked about.
        team = "chiefs" if before % 58 < 29 else "raiders"
        line = f"{before % 29 + 1}{'.5' if before % 116 >= 58 else ''}"
        preview = world.ann.slash("bet", pick=f"{team} -{line} -110 2u")
        press(world, faults, preview, "Post", lambda: bets(world) > before and slips(world) > before)
        assert (bets(world), slips(world)) == (before + 1, before + 1)

    crossings = each_kill(world, when, once)
    print(f"post, killed {when}: {crossings} crossings")  # noqa: T201


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_grade_and_its_stamp_survive_a_kill_at_every_crossing(world: World, when: When) -> None:
    world.game("Denver Broncos", "Seattle Seahawks", world.clock.now() + timedelta(minutes=5))
    world.settled(world.ann.slash("bet", pick="broncos -3 -110 2u").click("Post"))
    slip = world.slips(world.bob)[-1]
    world.cloud.advance(300)
    turns = cycle((("Won", "Won +1.82u"), ("Lost", "Lost −2u")))

    def once(faults: Faults) -> None:
        label, stamp = next(turns)
        before = decisions(world)
        panel = slip.by(world.gina).click("Grade")
        press(world, faults, panel, label, lambda: decisions(world) > before and stamp in slip.text)
        assert (decisions(world), slips(world)) == (before + 1, 1)
        assert int(world.rows("SELECT SUM(bets) AS standing FROM ledger_entries")[0]["standing"]) == 1

    crossings = each_kill(world, when, once)
    print(f"grade and stamp, killed {when}: {crossings} crossings")  # noqa: T201

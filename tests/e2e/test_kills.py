"""A kill before and after every crossing of post, grade and stamp: nothing lost, nothing doubled, nothing left open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from itertools import count, cycle

import pytest

from local.cloud import Faults
from local.cloud.faults import When
from local.discord_simulator import Seen
from tests.e2e.invariants import answered_deferrals, left_open
from tests.e2e.world import KICK_OFF, World, distinct_pick, on_schedule, opened

pytestmark = [pytest.mark.slow, pytest.mark.longest]
_MINUTES = 18
"""A lease of 45 s, a hand-off tried again after one and two minutes, a sweep each minute, a token's 15 minutes."""
_SWEPT = on_schedule(delivery="rate(1 minute)")
"""Nothing else is due of what these kills leave."""
SOON = KICK_OFF + timedelta(days=1)
WON_MICRO, LOST_MICRO = 1_818_182, -2_000_000
"""2 u at −110: 2 × 100 ÷ 110, and what was risked."""


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url, catalog=_SWEPT) as world:
        yield world.set_up(starts_at=SOON)


def one(world: World, sql: str) -> int:
    return int(world.rows(f"SELECT ({sql}) AS n")[0]["n"] or 0)


def slips(world: World) -> list[Seen]:
    return world.guild.channel("slips").seen_by(world.bob)


def settle(world: World) -> None:
    """Let retries and sweeps finish what the kill left."""
    world.cloud.run_until_idle()
    for _ in range(_MINUTES):
        if left_open(world) == () and answered_deferrals(world):
            return
        world.cloud.advance(60)


def pressed(world: World, faults: Faults, press: Callable[[], Seen], happened: Callable[[], bool]) -> int:
    """A click during which the fault strikes, and again when it came to nothing; returns the first one's crossings."""
    world.cloud.arm(faults)
    press()
    settle(world)
    crossings = len(world.cloud.crossings)
    world.cloud.arm(Faults())
    if not happened():
        press()
        settle(world)
    assert happened()
    assert left_open(world) == ()
    assert answered_deferrals(world)
    return crossings


def at_every_crossing(when: When, once: Callable[[Faults], int]) -> int:
    """Run once per crossing with a kill there, until there is none left to kill at; returns how many there were."""
    for number in count(1):
        if once(Faults.kill(crossing=number, when=when)) < number:
            return number - 1
    raise AssertionError("unreachable")


@pytest.mark.parametrize("when", ["before", "after"])
def test_post_survives_a_kill_at_every_crossing(world: World, when: When, figure: Callable[[str], None]) -> None:
    def once(faults: Faults) -> int:
        before = one(world, "SELECT COUNT(*) FROM bets")
        preview = world.ann.slash("bet", pick=distinct_pick(before))
        crossings = pressed(
            world, faults, partial(preview.click, "Post"), lambda: one(world, "SELECT COUNT(*) FROM bets") == before + 1
        )
        assert one(world, "SELECT COUNT(*) FROM bets") == before + 1
        assert one(world, "SELECT COUNT(*) FROM bet_revisions") == before + 1
        assert one(world, "SELECT COUNT(*) FROM drafts WHERE state <> 'posted'") == 0
        assert len(slips(world)) == before + 1
        assert one(world, "SELECT COUNT(*) FROM channel_webhooks WHERE state = 'live'") == 1
        return crossings

    figure(f"post, killed {when} each crossing: {at_every_crossing(when, once)} crossings")


@pytest.mark.parametrize("when", ["before", "after"])
def test_grade_and_stamp_survive_a_kill_at_every_crossing(
    world: World, when: When, figure: Callable[[str], None]
) -> None:
    world.settled(world.ann.slash("bet", pick=distinct_pick(0)).click("Post"))
    world.cloud.skip_to(SOON)
    (slip,) = slips(world)
    turns = cycle((("Won", "Won +1.82u", WON_MICRO), ("Lost", "Lost −2u", LOST_MICRO)))

    def once(faults: Faults) -> int:
        label, stamp, profit = next(turns)
        decided = one(world, "SELECT COUNT(*) FROM bet_grades")
        panel = slip.by(world.gina).click("⋯")
        press = partial(panel.click, label)
        if decided:  # a grade that stands is changed with a reason
            press = partial(panel.click(label).submit_modal, reason="Read again")
        crossings = pressed(world, faults, press, lambda: stamp in slip.text)
        assert one(world, "SELECT COUNT(*) FROM bet_grades") == decided + 1
        assert one(world, "SELECT COUNT(*) FROM ledger_entries WHERE kind = 'grade'") == decided + 1
        assert one(world, "SELECT COUNT(*) FROM ledger_entries WHERE kind = 'reversal'") == decided
        assert one(world, "SELECT SUM(bets) FROM ledger_entries") == 1
        assert one(world, "SELECT SUM(profit_micro) FROM ledger_entries") == profit
        assert one(world, "SELECT SUM(return_micro - risk_micro - profit_micro) FROM ledger_entries") == 0
        assert len(slips(world)) == 1
        return crossings

    figure(f"grade and stamp, killed {when} each crossing: {at_every_crossing(when, once)} crossings")

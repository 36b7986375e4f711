"""``kill -9`` of real processes at twenty seeded moments of post, grade and stamp."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from random import Random
from threading import Thread

import pytest

from local.discord_simulator import Seen
from tests.e2e.invariants import answered_deferrals, left_open
from tests.e2e.processes import opened_in_processes
from tests.e2e.world import NOW, World, distinct_pick

pytestmark = [pytest.mark.slow, pytest.mark.longest]
_MINUTES, _TRIES, _TRY_S = 18, 600, 0.005
VICTIMS = ("command_betting",) * 10 + ("delivery",) * 8 + ("interactions",) * 2
_TOKEN_LIFE = timedelta(minutes=16)
KICK_OFF = NOW + timedelta(hours=4)
WON_MICRO = 1_818_182


@pytest.fixture
def world(database_url: str, redis_url: str) -> Iterator[World]:
    with opened_in_processes(database_url, redis_url) as world:
        yield world.set_up(starts_at=KICK_OFF)


def slips(world: World) -> list[Seen]:
    return [seen for seen in world.guild.channel("slips").seen_by(world.bob) if "Details" in seen.buttons]


def result_cards(world: World) -> list[Seen]:
    """More than three grades in a channel within ten minutes become one card."""
    seen = world.guild.channel("slips").seen_by(world.bob)
    return [message for message in seen if not message.private and "Details" not in message.buttons]


def settle(world: World) -> None:
    """Let retries and sweeps finish what the kill left."""
    world.cloud.run_until_idle()
    exchanges = world.simulator.state.exchanges.values()
    unanswered = {str(exchange.id) for exchange in exchanges if exchange.status == "failed"}
    if any(row.partition(":")[0] in unanswered for row, _ in left_open(world)):
        # Delivery asks again for as long as the token may still be opened, in real time here.
        world.clock.move_to(world.clock.now() + _TOKEN_LIFE)
    for _ in range(_MINUTES):
        if left_open(world) == () and answered_deferrals(world):
            return
        world.cloud.advance(60)


def killed_during(world: World, click: Callable[[], object], victim: str, after_s: float) -> int:
    """Click, and from ``after_s`` seconds later on kill the victim as soon as it is at work; how many died."""
    clicking = Thread(target=click)
    clicking.start()
    clicking.join(after_s)
    killed = 0
    for _ in range(_TRIES):
        killed = world.cloud.kill_running(victim)
        if killed or (not clicking.is_alive() and victim != "delivery"):
            break
        clicking.join(_TRY_S)
    clicking.join()
    settle(world)
    return killed


def struck(world: World, random: Random, victim: str, click: Callable[[], object], happened: Callable[[], bool]) -> int:
    """One kill; the person clicks again when the click came to nothing."""
    killed = killed_during(world, click, victim, random.uniform(0.0, 0.03))
    if not happened():
        click()
        settle(world)
    assert happened()
    assert left_open(world) == ()
    assert answered_deferrals(world)
    return killed


def test_kill_nine_at_twenty_seeded_moments_loses_and_doubles_nothing(
    world: World, figure: Callable[[str], None]
) -> None:
    random, killed = Random(20), Counter[str]()
    victims = random.sample(VICTIMS, len(VICTIMS))
    bets = len(victims) // 2
    for number, victim in enumerate(victims[:bets], start=1):
        preview = world.settled(world.ann.slash("bet", pick=distinct_pick(number)))
        posted = partial(_stored, world, "SELECT COUNT(*) FROM bets", number)
        killed[victim] += struck(world, random, victim, partial(preview.click, "Post"), posted)
        assert posted()
        assert _stored(world, "SELECT COUNT(*) FROM bet_revisions", number)
        assert len(slips(world)) == number

    world.cloud.skip_to(KICK_OFF)
    for number, (slip, victim) in enumerate(zip(slips(world), victims[bets:], strict=True), start=1):
        panel = world.settled(slip.by(world.gina).click("⋯"))
        killed[victim] += struck(world, random, victim, partial(panel.click, "Won"), partial(_stamped, slip))
        for table in ("bet_grades", "ledger_entries"):
            assert _stored(world, f"SELECT COUNT(*) FROM {table}", number)
        assert _stored(world, "SELECT SUM(profit_micro) FROM ledger_entries", number * WON_MICRO)
        assert len(slips(world)) == bets
        assert _stored(world, "SELECT COUNT(*) FROM result_cards WHERE posted = 1", len(result_cards(world)))
    assert killed.total() >= len(VICTIMS) // 2, "most kills came too late to meet anybody at work"
    died = ", ".join(f"{count} {name}" for name, count in sorted(killed.items()))
    figure(f"kill -9 at {len(VICTIMS)} seeded moments of post, grade and stamp: {died} died at work")


def _stored(world: World, sql: str, wanted: int) -> bool:
    return int(world.rows(f"SELECT ({sql}) AS n")[0]["n"] or 0) == wanted


def _stamped(slip: Seen) -> bool:
    return "Won +1.82u" in slip.text

"""One interaction delivered a thousand times to real processes, and two people who decide at the same moment."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from local.discord_simulator import Delivery, Person, Seen, gateway
from tests.e2e.invariants import answered_deferrals, left_open
from tests.e2e.processes import opened_in_processes
from tests.e2e.world import NOW, World, distinct_pick

pytestmark = [pytest.mark.slow, pytest.mark.longest]
DELIVERIES, AT_ONCE, DUELS = 1000, 50, 5
FIRST = 6
"""At once at the very beginning: fifty front doors starting on two cores would all be later than three seconds."""
KICK_OFF = NOW + timedelta(hours=4)
_PICK = "chiefs -3 -110 2u"
_MINUTES = 18


@pytest.fixture
def world(database_url: str, redis_url: str) -> Iterator[World]:
    with opened_in_processes(database_url, redis_url) as world:
        yield world.set_up(starts_at=KICK_OFF)


def holding(person: Person) -> Person:
    """The same person, whose interactions are signed but not sent."""
    return person.sending(Delivery(hold=True))


def delivered(world: World, held: Seen) -> int:
    """Deliver it once; Discord takes the answer if it is the first. Returns the callback's type."""
    assert held.request is not None
    assert held.exchange is not None
    answer = world.cloud.http(held.request)
    assert answer.status == 200
    gateway.answered(world.simulator, held.exchange, answer)
    kind: int = json.loads(answer.body)["type"]
    return kind


def settle(world: World) -> None:
    world.cloud.run_until_idle()
    for _ in range(_MINUTES):
        if left_open(world) == () and answered_deferrals(world):
            return
        world.cloud.advance(60)


def a_thousand_times(world: World, held: Seen) -> Counter[int]:
    """How often each type of callback answered."""
    kinds: Counter[int] = Counter()
    for together, deliveries in ((FIRST, FIRST), (AT_ONCE, DELIVERIES - FIRST)):
        with ThreadPoolExecutor(together) as pool:
            kinds.update(pool.map(lambda _: delivered(world, held), range(deliveries)))
    world.cloud.advance(900)  # hand-offs that were throttled wait, each longer than the one before
    settle(world)
    return kinds


def at_once(world: World, held: Sequence[Seen]) -> None:
    """Deliver several interactions at the same moment, once each."""
    together = Barrier(len(held))

    def deliver(one: Seen) -> int:
        together.wait()
        return delivered(world, one)

    with ThreadPoolExecutor(len(held)) as pool:
        list(pool.map(deliver, held))


def stored(world: World, table: str) -> int:
    return int(world.rows(f"SELECT COUNT(*) AS n FROM {table}")[0]["n"])


def slips(world: World) -> Sequence[Seen]:
    return [slip for slip in world.slips(world.bob) if not slip.private]


def test_a_thousand_deliveries_of_a_command_and_of_a_click_are_one_bet(
    world: World, figure: Callable[[str], None]
) -> None:
    command = holding(world.ann).slash("bet", pick=_PICK)
    commands = a_thousand_times(world, command)
    assert stored(world, "drafts") == 1
    assert not command.failed
    assert "Chiefs −3 (−110) 2u" in command.text

    click = world.settled(world.ann.slash("bet", pick=_PICK)).by(holding(world.ann)).click("Post")
    clicks = a_thousand_times(world, click)
    assert stored(world, "bets") == stored(world, "bet_revisions") == 1
    assert len(slips(world)) == 1
    assert not click.failed
    assert "Posted in" in click.text
    assert left_open(world) == ()
    assert answered_deferrals(world)
    assert commands.total() == clicks.total() == DELIVERIES
    figure(
        f"one command and one click, {DELIVERIES} deliveries each, {AT_ONCE} at a time: one draft, one bet "
        f"({commands[4]} and {clicks[7]} inline, {commands[5]} and {clicks[6]} deferred)"
    )


def test_of_two_who_grade_at_once_one_decides_and_the_other_reads_who_did(
    world: World, figure: Callable[[str], None]
) -> None:
    winners: Counter[str] = Counter()
    for number in range(DUELS):
        world.settled(world.settled(world.ann.slash("bet", pick=distinct_pick(number))).click("Post"))
    world.cloud.skip_to(KICK_OFF)
    for number, slip in enumerate(slips(world), start=1):
        clicks = {
            person.name: world.settled(slip.by(person).click("⋯")).by(holding(person)).click(label)
            for person, label in ((world.gina, "Won"), (world.olga, "Lost"))
        }
        at_once(world, tuple(clicks.values()))
        settle(world)
        entry = world.rows("SELECT decided_by, grade FROM bet_grades ORDER BY decided_at")[-1]
        assert stored(world, "ledger_entries") == stored(world, "bet_grades") == number
        first = world.gina if entry["decided_by"] == world.gina.user_id else world.olga
        (second,) = [person for person in (world.gina, world.olga) if person.name != first.name]
        assert entry["grade"] == {"gina": "won", "olga": "lost"}[first.name]
        assert "Somebody else decided first" not in clicks[first.name].text
        assert "Somebody else decided first" in clicks[second.name].text
        assert f"<@{first.user_id}>" in clicks[second.name].text
        winners[first.name] += 1
    figure(f"two graders at once, {DUELS} times: one entry each time ({dict(winners)} first)")

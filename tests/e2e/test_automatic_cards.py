"""Bets graded without a person are on the result card as well."""

from __future__ import annotations

import pytest

from dbsbm.commands import stamps
from tests.e2e.test_settlement import automatic, second_final
from tests.e2e.world import World, distinct_pick, opened

pytestmark = pytest.mark.slow


def graded(world: World, bets: int) -> list[str]:
    """What the slip channel shows after that many automatic grades, without the slips."""
    automatic(world)
    for number in range(bets):
        world.settled(world.ann.slash("bet", pick=distinct_pick(number)).click("Post"))
    world.database.run(lambda session: session.execute("UPDATE games SET starts_at = %s", (world.clock.now(),)))
    world.final(27, 20)
    second_final(world, 27, 20)
    world.cloud.invoke("job_settle", {"version": "0", "source": "aws.scheduler"})
    world.cloud.run_until_idle()
    return [seen.text for seen in world.slips(world.gina) if "Results" in seen.text]


def test_more_than_three_automatic_grades_are_one_result_card_of_several_transactions(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stamps, "_PER_TRANSACTION", 2)
    with opened(database_url) as world:
        cards = graded(world.set_up(), 5)
        assert len(cards) == 1
        assert "5 graded" in cards[0]
        assert sum("Won" in seen.text for seen in world.slips(world.gina)) == 6, "each slip is stamped besides"
        assert world.simulator.problems == []


def test_three_automatic_grades_are_stamps_alone(database_url: str) -> None:
    with opened(database_url) as world:
        assert graded(world.set_up(), 3) == []
        assert world.rows("SELECT COUNT(*) AS n FROM bets WHERE grade = 'won'")[0]["n"] == 3


def test_an_automatic_card_can_be_switched_off(database_url: str) -> None:
    with opened(database_url) as world:
        world.set_up()
        world.olga.slash("settings show").click("Posts & counters").click("Turn off result cards")
        assert graded(world, 5) == []

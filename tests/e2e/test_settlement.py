"""Settlement as people see it: closed at kick-off, graded when two sources agree, corrected with a notice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest

from dbsbm.core.ids import Ids
from dbsbm.games.model import ScoreReport
from dbsbm.games.service import store_scores
from dbsbm.settlement import jobs
from local.discord_simulator import Seen
from tests.e2e.world import KICK_OFF, World, opened

pytestmark = pytest.mark.slow
_LAST = timedelta(minutes=20)
"""What is let pass as it comes; the hours before it are skipped, as by an outage."""
AWAY, HOME = "Kansas City Chiefs", "Las Vegas Raiders"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        world.set_up()
        yield world


def automatic(world: World) -> None:
    """The server lets agreeing sources grade, and a second source knows the game."""
    with world.database.transaction() as session:
        session.execute("UPDATE guilds SET auto_grade = 1")
        session.execute("INSERT INTO game_sources SELECT 'second', provider_game_id, game_id FROM game_sources")


def second_final(world: World, away: int, home: int) -> None:
    now = world.clock.now()
    report = ScoreReport("second", f"{AWAY}-{HOME}", "nfl", HOME, AWAY, KICK_OFF, now, now, home, away, True)
    world.database.run(lambda session: store_scores(session, Ids(world.clock, Random(9)), [report]))


def posted(world: World) -> Seen:
    world.settled(world.ann.slash("bet", pick="chiefs -3 -110 2u").click("Post"))
    return world.slips(world.bob)[-1]


def until(world: World, hours_after_kick_off: float) -> None:
    moment = KICK_OFF + timedelta(hours=hours_after_kick_off)
    world.cloud.skip_to(max(world.clock.now(), moment - _LAST))
    world.cloud.advance((moment - world.clock.now()).total_seconds())


def test_two_sources_grade_the_bet_and_stamp_its_slip(world: World) -> None:
    automatic(world)
    slip = posted(world)
    until(world, 4)
    world.final(27, 20)
    second_final(world, 27, 20)
    until(world, 4.2)
    stamped = world.slips(world.bob)[-1]
    assert stamped.message_id == slip.message_id
    assert "Won +1.82u" in stamped.text
    assert [row["source"] for row in world.rows("SELECT source FROM bet_grades")] == ["auto"]
    world.cloud.invoke("job_audit_sequence", {})
    shown = world.settled(stamped.by(world.bob).click("Details").click("Verify"))
    assert "What stands now is what was sealed" in shown.text
    assert world.simulator.problems == []


def test_much_at_once_is_settled_by_two_runs_side_by_side(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "GAMES_FOR_ONE", 0)
    automatic(world)
    posted(world)
    until(world, 4)
    world.final(27, 20)
    second_final(world, 27, 20)
    until(world, 4.2)
    assert "Won +1.82u" in world.slips(world.bob)[-1].text
    assert world.rows("SELECT COUNT(*) AS entries FROM ledger_entries") == [{"entries": 1}]
    assert world.simulator.problems == []


def test_one_source_is_proposed_with_its_number_and_details_have_the_close(world: World) -> None:
    automatic(world)
    slip = posted(world)
    world.cloud.skip_to(KICK_OFF - timedelta(minutes=1))
    world.game()
    until(world, 4)
    world.final(27, 20)
    until(world, 4.2)
    panel = slip.by(world.gina).click("⋯")
    assert "1 source" in panel.text
    assert "Closing line value" in slip.by(world.bob).click("Details").text
    assert world.rows("SELECT bet_id FROM ledger_entries") == ()


def test_a_corrected_score_changes_the_slip_and_says_so_in_the_channel(world: World) -> None:
    automatic(world)
    posted(world)
    until(world, 4)
    world.final(27, 20)
    second_final(world, 27, 20)
    until(world, 4.2)
    until(world, 28)
    world.final(22, 20)
    second_final(world, 22, 20)
    until(world, 28.2)
    shown = world.slips(world.bob)
    assert "Lost −2u" in shown[0].text
    assert "score corrected: 27-20 → 22-20" in shown[-1].text
    assert world.simulator.problems == []


def test_followers_hear_of_what_sources_graded_and_corrected(world: World) -> None:
    automatic(world)
    world.bob.slash("notify").click("Send me my results")
    posted(world).by(world.bob).click("Tail")
    until(world, 4)
    world.final(27, 20)
    second_final(world, 27, 20)
    until(world, 4.4)
    (first,) = world.bob.in_direct().sees()
    assert "Won +0.93u" in first.text
    until(world, 28)
    world.final(22, 20)
    second_final(world, 22, 20)
    until(world, 28.4)
    _, second = world.bob.in_direct().sees()
    assert "Corrected: Lost −1u" in second.text

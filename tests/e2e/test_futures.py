"""``/future``: completed field by field, each way, and graded by where the selection came in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local.discord_simulator import Seen
from tests.e2e.world import World, after, opened

pytestmark = pytest.mark.slow


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world.set_up()


def posted(world: World, **more: Any) -> Seen:
    """A future of Ann that has locked; its slip."""
    asked = {"league": "ATP", "market": "Tournament winner", "pick": "Jannik Sinner", "odds": "+400", "units": "1u"}
    world.settled(world.ann.slash("future", **{**asked, "locks": "in 5m", **more}).click("Post"))
    after(world, minutes=6)
    return world.slips(world.gina)[0]


def stands(world: World) -> tuple[str, int]:
    row = world.rows("SELECT grade, rule FROM bet_grades ORDER BY grade_seq DESC LIMIT 1")[0]
    assert row["rule"]
    profit = world.rows("SELECT SUM(profit_micro) AS p FROM ledger_entries")[0]["p"]
    return str(row["grade"]), int(profit)


def test_each_field_is_completed_from_the_one_before(world: World) -> None:
    ask = world.ann.autocomplete
    assert [choice.value for choice in ask("future", "league", "nf")] == ["NFL"]
    markets = [choice.name for choice in ask("future", "market", "", league="NFL")]
    assert "Super Bowl winner" in markets
    teams = [choice.name for choice in ask("future", "pick", "chief", league="NFL", market="Super Bowl winner")]
    assert teams == ["Kansas City Chiefs"]
    players = [choice.name for choice in ask("future", "pick", "mahomes", league="NFL", market="MVP")]
    assert players == ["Patrick Mahomes"]
    locks = [choice.name for choice in ask("future", "locks", "", league="NFL")]
    assert locks[0].startswith("Before the next game")
    value = ask("future", "locks", "", league="NFL")[0].value
    preview = world.ann.slash(
        "future", league="NFL", market="Super Bowl winner", pick="Kansas City Chiefs", odds="+650", locks=value
    )
    assert "Kansas City Chiefs (+650) 1u" in preview.text
    assert "NFL Super Bowl winner" in preview.text
    world.settled(preview.click("Post"))
    assert world.rows("SELECT market FROM bet_legs")[0]["market"] == "future"
    assert (
        "no league we know"
        in world.ann.slash("future", league="cricket", market="x", pick="y", odds="+100", locks="in 1d").text
    )
    assert world.simulator.problems == []


def test_an_each_way_bet_pays_its_place_part(world: World) -> None:
    slip = posted(world, each_way="4 3")
    assert "Jannik Sinner (+400) 1u each way · each way, 1/4 of the odds, 3 places" in slip.text
    terms = world.rows("SELECT risk_micro, to_win_micro FROM bet_revisions")[0]
    assert (terms["risk_micro"], terms["to_win_micro"]) == (2_000_000, 5_000_000)
    panel = slip.by(world.gina).click("⋯")
    assert panel.buttons == ["Won", "Lost", "Void", "Placed", "Type the finish"]
    world.settled(panel.click("Placed"))
    assert stands(world) == ("push", 0), "at 4 to 1 and a quarter of the odds the place pays the lost win part"
    form = slip.by(world.gina).click("⋯").click("Type the finish")
    world.settled(form.submit_modal(finish="1"))
    assert stands(world) == ("won", 5_000_000)
    form = slip.by(world.gina).click("⋯").click("Type the finish")
    world.settled(form.submit_modal(finish="T3 of 2"))
    assert stands(world) == ("half_lost", -1_000_000), "half a place at 1 to 1 returns one unit of two"
    form = slip.by(world.gina).click("⋯").click("Type the finish")
    assert "is no finish" in world.settled(form.submit_modal(finish="T2")).text
    world.settled(slip.by(world.gina).click("⋯").click("Lost").submit_modal(reason="Disqualified"))
    assert stands(world) == ("lost", -2_000_000)
    assert {row["category"] for row in world.rows("SELECT category FROM capper_totals")} == {"manual"}
    assert world.simulator.problems == []


def test_a_dead_heat_for_the_win_shares_the_win_part(world: World) -> None:
    slip = posted(world, each_way="5 3", odds="+1000", units="0.5u")
    form = slip.by(world.gina).click("⋯").click("Type the finish")
    world.settled(form.submit_modal(finish="T1 of 2"))
    # Win part: half of 0.5u at 11.0; place part whole at 1/5 of 10 to 1: 0.5u * 3.
    assert stands(world) == ("won", 2_750_000 + 1_500_000 - 1_000_000)


def test_its_capper_and_members_do_not_grade_it_and_terms_are_checked(world: World) -> None:
    slip = posted(world, each_way="4 3")
    assert "Somebody else decides" in slip.by(world.ann).click("⋯").text
    assert "You have neither" in slip.by(world.bob).click("⋯").text
    straight = world.ann.slash(
        "future", league="NFL", market="MVP", pick="Patrick Mahomes", odds="+700", locks="in 5m", units="1u"
    )
    world.settled(straight.click("Post"))
    after(world, minutes=6)
    other = next(seen for seen in world.slips(world.gina) if "Mahomes" in seen.text)
    assert "Placed" not in other.by(world.gina).click("⋯").buttons

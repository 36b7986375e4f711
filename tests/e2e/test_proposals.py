"""What cappers say of their own bets: shown to those who grade, taken in one press, decided by nobody but them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from local.discord_simulator import Seen
from tests.e2e.world import NOW, World, after, opened

pytestmark = pytest.mark.slow


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world.set_up(NOW + timedelta(minutes=5))


def started(world: World) -> Seen:
    """A bet of Ann on a game that has begun."""
    world.settled(world.ann.slash("bet", pick="chiefs -3 -110 2u").click("Post"))
    after(world, minutes=6)
    return world.slips(world.gina)[0]


def graded(world: World) -> str | None:
    grade = world.rows("SELECT grade FROM bets")[0]["grade"]
    return None if grade is None else str(grade)


def test_a_capper_proposes_and_a_grader_takes_it_in_one_press(world: World) -> None:
    slip = started(world)
    asked = slip.by(world.ann).click("⋯")
    assert asked.private
    assert asked.buttons == ["Won", "Lost", "Push", "Void"]
    said = asked.click("Won")
    assert "proposes **Won**" in said.text
    assert graded(world) is None
    panel = slip.by(world.gina).click("⋯")
    assert f"<@{world.ann.user_id}> proposes **Won**" in panel.text
    world.settled(panel.click("Won"))
    assert graded(world) == "won"
    assert "decided" in asked.click("Lost").text
    assert "proposes" not in slip.by(world.gina).click("⋯").text
    assert world.simulator.problems == []


def test_a_proposal_is_shown_in_ungraded_and_agreed_only_with_a_source(world: World) -> None:
    slip = started(world)
    slip.by(world.ann).click("⋯").click("Won")
    shown = world.gina.slash("ungraded")
    assert "its capper says **Won**" in shown.text
    assert not [label for label in shown.buttons if "agreed" in label]
    one = shown.click("One by one")
    assert "its capper says **Won**" in one.text
    world.final(27, 20)
    shown = world.gina.slash("ungraded")
    assert "Accept all 1 agreed" in shown.buttons
    world.settled(one.click("Won"))
    assert graded(world) == "won"


def test_others_neither_grade_nor_does_a_removed_capper_propose(world: World) -> None:
    slip = started(world)
    assert "You have neither" in slip.by(world.bob).click("⋯").text
    asked = slip.by(world.ann).click("⋯")
    world.olga.slash("capper remove", user=world.ann)
    assert "not a capper" in asked.click("Won").text
    assert world.rows("SELECT bet_id FROM capper_proposals") == ()


def test_a_grader_proposes_on_the_own_bet_until_the_guild_allows_to_decide(world: World) -> None:
    world.olga.slash("capper add", user=world.gina)
    world.guild.user("gina", role="capper")
    world.settled(world.gina.slash("bet", pick="chiefs -3 -110 2u").click("Post"))
    after(world, minutes=6)
    slip = world.slips(world.olga)[0]
    assert "Somebody else decides" in slip.by(world.gina).click("⋯").text
    world.olga.slash("settings show").click("Betting rules").click("Turn on deciding on own bets")
    world.settled(slip.by(world.gina).click("⋯").click("Won"))
    assert graded(world) == "won"
    assert "Graded by its own capper" in world.slips(world.olga)[0].text


def test_the_grade_command_finds_a_bet_for_whoever_may_see_it_there(world: World) -> None:
    started(world)
    offered = world.gina.autocomplete("grade", "bet", "chie")
    assert [choice.name for choice in offered] == ["Chiefs −3 (−110) 2u · Chiefs @ Raiders"]
    assert world.bob.autocomplete("grade", "bet", "") == []
    assert len(world.ann.autocomplete("grade", "bet", "")) == 1
    number = str(offered[0].value)
    assert "Somebody else decides" in world.ann.slash("grade", bet=number).text
    assert "You have neither" in world.bob.slash("grade", bet=number).text
    assert "no bet's number" in world.gina.slash("grade", bet="chiefs").text
    world.settled(world.gina.slash("grade", bet=number).click("Lost"))
    assert graded(world) == "lost"
    elsewhere = world.simulator.guild("Elsewhere")
    hugo = elsewhere.user("hugo", role="admin")
    hugo.slash("setup", slip_channel=elsewhere.channel("slips"))
    assert "no such thing" in hugo.slash("grade", bet=number).text
    assert hugo.autocomplete("grade", "bet", "") == []

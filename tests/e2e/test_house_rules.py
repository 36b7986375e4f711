"""The rules of a server: seen, changed one at a time, stored with each bet, and graded by."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from local.discord_simulator import Seen
from tests.e2e.world import KICK_OFF, World, later, opened

pytestmark = pytest.mark.slow


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world.set_up()


def rules(world: World) -> Seen:
    return world.settled(world.olga.slash("settings show").click("Betting rules").click("Grading rules"))


def posted(world: World, pick: str) -> None:
    world.settled(world.ann.slash("bet", pick=pick).click("Post"))


def test_a_changed_rule_holds_for_bets_posted_from_now_on(world: World) -> None:
    posted(world, "chiefs ml -160 1u")
    shown = rules(world)
    assert shown.private
    assert "Two-way moneyline that ends level: **push**" in shown.text
    changed = shown.select("Which rule changes?", "Two-way moneyline that ends level").select(
        "Two-way moneyline that ends level", "lost"
    )
    assert "Two-way moneyline that ends level: **lost**" in changed.text
    assert "version 2" in changed.text
    posted(world, "raiders ml +140 1u")
    stored = world.rows("SELECT rule_profile, rule_profile_version AS version FROM bet_revisions ORDER BY bet_id")
    ties = [(json.loads(row["rule_profile"])["moneyline_tie"], row["version"]) for row in stored]
    assert ties == [("push", 1), ("loss", 2)]
    later(world, seconds=(KICK_OFF - world.clock.now()).total_seconds() + 4 * 3600)
    world.final(20, 20)
    first, second = [slip.by(world.gina).click("⋯") for slip in world.slips(world.gina)]
    assert "push" in first.text.lower()
    assert "lost" in second.text.lower()


def test_of_two_admins_at_once_one_is_told(world: World) -> None:
    one, other = (rules(world).select("Which rule changes?", "Teaser with a pushed leg") for _ in range(2))
    one.select("Teaser with a pushed leg", "lost")
    assert "meanwhile" in other.select("Teaser with a pushed leg", "push").text
    assert json.loads(world.rows("SELECT rule_profile FROM guilds")[0]["rule_profile"])["teaser_push"] == "push_loses"


def test_every_rule_can_be_brought_to_each_of_its_values(world: World) -> None:
    seen = rules(world)
    (which,) = seen.selects
    for rule in which["options"]:
        seen = seen.select("Which rule changes?", rule["label"])
        for value in seen.selects[1]["options"]:
            seen = seen.select(rule["label"], value["label"])
            assert f"{rule['label']}: **{value['label']}**" in seen.text
    assert world.simulator.problems == []

"""Tickets with something left to choose, the same bet twice by any way, limits, and long parlays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.world import World, opened

pytestmark = pytest.mark.slow


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        world.set_up()
        world.game("Denver Broncos", "New York Giants")
        world.game("Buffalo Bills", "New York Jets")
        yield world


def count(world: World) -> int:
    return int(world.rows("SELECT COUNT(*) AS n FROM bets")[0]["n"])


def test_a_teaser_asks_only_for_the_leg_that_is_doubtful(world: World) -> None:
    asked = world.settled(world.ann.slash("teaser", legs="chiefs -3; bills", units="1u"))
    assert len(asked.selects) == 1
    labels = [option["label"] for option in asked.selects[0]["options"]]
    assert any(label.startswith("Bills +3") for label in labels), labels
    assert not any("ML" in label for label in labels), "a moneyline cannot be teased"
    spread = next(label for label in labels if label.startswith("Bills +3"))
    preview = world.settled(asked.select("Choose leg 2", spread))
    assert "Chiefs +3" in preview.text
    world.settled(preview.click("Post"))
    lines = [row["line_q"] for row in world.rows("SELECT line_q FROM bet_legs ORDER BY leg")]
    assert lines == [12, 12]
    assert world.rows("SELECT ticket FROM bet_revisions")[0]["ticket"] == "teaser"


def test_a_round_robin_asks_too(world: World) -> None:
    asked = world.settled(
        world.ann.slash("roundrobin", legs="chiefs -3 -110; bills; broncos ml -150", by="2", units="1u")
    )
    assert len(asked.selects) == 1
    labels = [option["label"] for option in asked.selects[0]["options"]]
    preview = world.settled(asked.select("Choose leg 2", labels[0]))
    assert "3 parlays" in preview.text
    world.settled(preview.click("Post"))
    assert world.rows("SELECT ticket FROM bet_revisions")[0]["ticket"] == "round_robin"


def test_the_same_bet_is_asked_about_whatever_way_it_comes(world: World) -> None:
    one = world.ann.slash("bet", pick="parlay 1u; chiefs -3 -110; bills ml -140")
    other = world.ann.slash("bet", pick="parlay 2u; bills ml -135; chiefs -3 -110")
    world.settled(one.click("Post"))
    assert "Post it a second time?" in world.settled(other.click("Post")).text
    straight = world.ann.slash("bet", pick="chiefs -3 -110 1u")
    world.settled(straight.click("Post"))
    again = world.ann.says("chiefs -3 -110 1u")
    logged = world.ann.message_command("Log as bet", again)
    assert "Post it a second time?" in world.settled(logged.click("Post")).text
    manual = {"event": "Worlds final", "pick": "T1 to win", "odds": "+120", "units": "1u"}
    world.settled(world.ann.slash("manual", **manual, locks="in 3h").click("Post"))
    twice = world.settled(world.ann.slash("manual", **manual, locks="in 4h").click("Post"))
    assert "Post it a second time?" in twice.text
    assert count(world) == 3
    world.settled(twice.click("Post again"))
    assert count(world) == 4
    teased = world.ann.slash("teaser", legs="chiefs -3; bills +3", units="1u")
    assert "second time" not in world.settled(teased.click("Post")).text, "another kind of ticket is another bet"


def test_the_limit_of_units_counts_what_a_ticket_can_win(world: World) -> None:
    panel = world.olga.slash("settings show").click("Betting rules")
    panel.select("Most units of one bet", "10u")
    refused = world.ann.slash("bet", pick="parlay 2u +1100; chiefs -3 -110; bills ml -140; broncos -3 -110")
    assert "limit of 10u" in refused.text
    assert "Post" in world.ann.slash("bet", pick="parlay 0.5u +1100; chiefs -3 -110; bills ml -140").buttons


def test_a_long_parlay_is_offered_as_it_is_read_and_can_be_sent_as_typed(world: World) -> None:
    legs = ["Kansas City Chiefs -3 -110", "Buffalo Bills moneyline -140", "New York Giants +3.5 -110"]
    typed = "parlay 1u; " + "; ".join([*legs, "New York Jets Buffalo Bills over 44.5 -105"])
    assert len(typed) > 100
    offered = world.ann.autocomplete("bet", "pick", typed)
    assert len(offered) == 1
    assert offered[0].name.startswith("4-leg")
    assert len(str(offered[0].value)) <= 100
    by_choice = world.ann.slash("bet", pick=str(offered[0].value))
    as_typed = world.ann.slash("bet", pick=typed)
    assert by_choice.text == as_typed.text


def test_the_slip_goes_to_the_channel_picked_on_the_preview(world: World) -> None:
    free, staff = world.guild.channel("free-picks"), world.guild.channel("staff")
    staff.overwrite("@everyone", deny=("SEND_MESSAGES",))
    staff.overwrite("bot", allow=("SEND_MESSAGES",))
    preview = world.ann.slash("bet", pick="chiefs -3 -110 1u")
    assert "cannot post in" in world.settled(preview.select("Channel of the slip", staff)).text
    older = world.ann.slash("draft")
    moved = world.settled(older.select("Channel of the slip", free))
    assert "changed meanwhile" in world.settled(preview.click("Post")).text
    world.settled(moved.click("Post"))
    assert "Chiefs −3" in free.seen_by(world.bob)[-1].text
    assert world.slips(world.bob) == []
    assert world.rows("SELECT channel_id FROM bets")[0]["channel_id"] == free.id

"""First light, by persons alone: set up, add a capper, bet, see the slip, grade, undo, read and share the record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from dbsbm.betting.settlement import Grade
from dbsbm.discord import custom_id
from local.discord_simulator import Seen
from tests.e2e.world import KICK_OFF, World, opened

pytestmark = pytest.mark.slow
_PICK = "chiefs -3 -110 2u"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world


def posted(world: World) -> Seen:
    """Ann's bet; returns its slip as Bob sees it."""
    world.settled(world.ann.slash("bet", pick=_PICK).click("Post"))
    return world.slips(world.bob)[-1]


def kick_off(world: World) -> None:
    """A game under way: before it a bet can only be void."""
    world.cloud.skip_to(KICK_OFF)


def test_a_bet_goes_from_a_line_of_text_to_the_ledger_and_back(world: World) -> None:
    world.game()
    shown = world.olga.slash(
        "setup",
        slip_channel=world.guild.channel("slips"),
        capper_role=world.guild.role("capper"),
        admin_role=world.guild.role("grader"),
    )
    assert shown.private
    assert "Set-up" in shown.text
    world.settled(shown.click("Send test slip"))
    assert "Test slip" in world.slips(world.bob)[-1].text
    assert "Ann the Sharp" in world.olga.slash("capper add", user=world.ann).text

    choices = world.ann.autocomplete("bet", "pick", _PICK)
    assert choices[0].name == "Chiefs −3 (−110) 2u · KC @ LV 8:20 PM · best −108"
    preview = world.ann.slash("bet", pick=choices[0].value)
    assert preview.private
    assert "Chiefs −3 (−110) 2u" in preview.text
    assert preview.images == []
    world.cloud.run_until_idle()
    assert [picture.filename for picture in preview.images] == ["slip.png"]
    assert preview.images[0].data.startswith(b"\x89PNG")

    done = world.settled(preview.click("Post"))
    assert "Posted in" in done.text
    slip = world.slips(world.bob)[-1]
    assert slip.author == "Ann the Sharp"
    assert "Chiefs −3 (−110) 2u" in slip.text
    assert slip.buttons == ["Tail", "Fade", "Details", "⋯"]
    assert slip.images[0].alt == "Bet slip: Chiefs −3 (−110) 2u, Chiefs @ Raiders, Sun Sep 13 8:20 PM EDT"
    assert slip.images[0].data.startswith(b"\x89PNG")
    before = slip.images[0].data

    world.cloud.skip_to(KICK_OFF + timedelta(hours=4))
    world.final(27, 20)
    panel = slip.by(world.gina).click("⋯")
    assert panel.private
    assert "27–20 final → Won" in panel.text.replace("*", "")
    graded = world.settled(panel.click("Won"))
    assert "+1.82u" in graded.text
    stamped = world.slips(world.bob)[-1]
    assert stamped.message_id == slip.message_id
    assert "Won +1.82u" in stamped.text
    assert stamped.images[0].data != before
    assert [dict(row) for row in world.rows("SELECT kind, grade, profit_micro FROM ledger_entries")] == [
        {"kind": "grade", "grade": "won", "profit_micro": 1_818_182}
    ]

    card = world.settled(world.bob.slash("stats", user=world.ann))
    assert card.private
    assert "1–0–0" in card.text
    assert "+1.82u" in card.text
    assert card.images[0].data.startswith(b"\x89PNG")
    shared = world.settled(card.click("Share"))
    assert "Shared in" in shared.text
    public = world.guild.channel("general").seen_by(world.gina)[-1]
    assert "+1.82u" in public.text
    assert public.images[0].filename == "stats.png"
    assert world.simulator.problems == []


def test_undo_takes_the_stamp_off_again(world: World) -> None:
    world.set_up()
    slip = posted(world)
    kick_off(world)
    graded = world.settled(slip.by(world.gina).click("⋯").click("Lost"))
    assert "Lost −2u" in world.slips(world.bob)[-1].text
    world.settled(graded.click("Undo"))
    assert "Lost" not in world.slips(world.bob)[-1].text
    total = world.rows("SELECT SUM(profit_micro) AS profit, SUM(bets) AS bets FROM ledger_entries")[0]
    assert (int(total["profit"]), int(total["bets"])) == (0, 0)


def test_a_correction_redraws_the_slip_in_its_place(world: World) -> None:
    world.set_up()
    preview = world.ann.slash("bet", pick=_PICK)
    done = world.settled(preview.click("Post"))
    slip = world.slips(world.bob)[-1]
    form = done.click("Correct")
    world.settled(form.submit_modal(stake="3u"))
    again = world.slips(world.bob)[-1]
    assert again.message_id == slip.message_id
    assert "Chiefs −3 (−110) 3u" in again.text


def test_the_preview_keeps_only_its_last_picture(world: World) -> None:
    world.set_up()
    preview = world.ann.slash("bet", pick=_PICK)
    preview.select("Change the stake", "5u")
    done = preview.click("Post")
    world.settled(done)
    assert "Posted in" in preview.text
    assert preview.images == []
    assert "5u" in world.slips(world.bob)[-1].text


def test_who_grades_second_reads_who_was_first(world: World) -> None:
    world.set_up()
    slip = posted(world)
    kick_off(world)
    mine, theirs = slip.by(world.gina).click("⋯"), slip.by(world.olga).click("⋯")
    world.settled(mine.click("Won"))
    told = world.settled(theirs.click("Lost"))
    assert "Somebody else decided first" in told.text
    assert f"<@{world.gina.user_id}>" in told.text
    assert len(world.rows("SELECT bet_id FROM ledger_entries")) == 1


def test_the_wrong_person_is_told_privately_and_nothing_happens(world: World) -> None:
    world.set_up()
    slip = posted(world)
    refused = slip.by(world.bob).click("⋯")
    assert refused.private
    assert "Manage Server" in refused.text
    assert "Somebody else decides" in slip.by(world.ann).click("⋯").text
    refused = world.bob.slash("bet", pick=_PICK)
    assert refused.private
    assert "/capper add" in refused.text
    assert slip.by(world.bob).click("Details").private
    assert len(world.rows("SELECT bet_id FROM bets")) == 1
    assert world.rows("SELECT bet_id FROM ledger_entries") == ()


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("abc", "abc"),
        ("chiefs -3 -110 -5 units", "-5"),
        ("chiefs -3 @0 2u", "0"),
        ("chiefs ml +50 2u", "+50"),
        ("x" * 300, "x" * 100),
    ],
)
def test_what_cannot_be_read_is_named_with_an_example_that_works(world: World, typed: str, names: str) -> None:
    world.set_up()
    refused = world.ann.slash("bet", pick=typed)
    assert refused.private
    assert f"“{names}" in refused.text
    assert "Post" in world.ann.slash("bet", pick=refused.text.split("`")[1]).buttons
    assert len(world.rows("SELECT draft_id FROM drafts")) == 1


def test_before_set_up_the_step_is_named(world: World) -> None:
    refused = world.ann.slash("bet", pick=_PICK)
    assert refused.private
    assert "/setup" in refused.text


def test_a_started_game_takes_no_bet(world: World) -> None:
    world.set_up()
    preview = world.ann.slash("bet", pick=_PICK)
    world.cloud.skip_to(KICK_OFF)
    assert "has started" in preview.click("Post").text
    assert "has started" in world.ann.slash("bet", pick=_PICK).text
    assert world.rows("SELECT bet_id FROM bets") == ()


def test_another_grade_takes_a_reason_that_stands_in_the_history(world: World) -> None:
    world.set_up()
    slip = posted(world)
    kick_off(world)
    first = world.settled(slip.by(world.gina).click("⋯").click("Lost"))
    asked = first.click("Won")
    assert len(world.rows("SELECT grade_seq FROM bet_grades")) == 1, "nothing is decided before the reason"
    assert "nothing" in asked.submit_modal(reason="  ").text
    told = world.settled(first.click("Won").submit_modal(reason="The *box score* says 30–20"))
    assert [line.split(" by ")[0] for line in told.text.split("\n") if line.startswith("Graded")] == [
        "Graded **Lost**",
        "Graded **Won**",
    ]
    assert "Won +1.82u" in world.slips(world.bob)[-1].text
    details = world.slips(world.bob)[-1].by(world.bob).click("Details").text
    assert details.index("Graded **Lost**") < details.index("Graded **Won**") < details.index(r"The \*box score\* says")
    decided = world.rows("SELECT action, reason FROM bet_grades ORDER BY grade_seq")
    assert [(row["action"], row["reason"]) for row in decided] == [
        ("grade", ""),
        ("regrade", ""),
    ], "a person's reason is sealed"


def test_a_grade_is_not_replaced_by_a_button_that_asks_no_reason(world: World) -> None:
    world.set_up()
    slip = posted(world)
    kick_off(world)
    world.settled(slip.by(world.gina).click("⋯").click("Lost"))
    bet_id = int(world.rows("SELECT bet_id FROM bets")[0]["bet_id"])
    data = {"custom_id": custom_id.build("grade.set", bet_id, 1, Grade.WON), "component_type": 2}
    refused = world.settled(world.gina.forge(3, data, slip.by(world.gina)))
    assert "say why" in refused.text
    assert len(world.rows("SELECT grade_seq FROM bet_grades")) == 1


def test_the_panel_behind_the_dots_holds_what_the_person_may_do(world: World) -> None:
    world.set_up()
    slip = posted(world)
    assert slip.by(world.ann).click("⋯").buttons == ["Void", "Correct", "Withdraw"]
    nothing = slip.by(world.bob).click("⋯")
    assert nothing.buttons == []
    assert nothing.private
    assert f"<@&{world.guild.role('grader').id}>" in nothing.text
    slip.by(world.bob).click("Tail")
    kick_off(world)
    assert slip.by(world.gina).click("⋯").buttons == ["Won", "Lost", "Push", "Void"]
    assert slip.by(world.ann).click("⋯").buttons == ["Won", "Lost", "Push", "Void"], "what she proposes"
    world.settled(slip.by(world.gina).click("⋯").click("Lost"))
    for person in (world.ann, world.bob):
        assert slip.by(person).click("⋯").buttons == ["Dispute"]
    assert world.simulator.problems == []

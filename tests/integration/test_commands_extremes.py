"""Every message of a ticket at its extremes: fifteen legs, the longest names, right-to-left, emoji, a full write-up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from dbsbm.discord import custom_id
from dbsbm.render.draw import render
from tests.integration.stage import ANN, BOB, GRADER, KICK_OFF, Seen, Stage, chiefs_offers, later, open_stage

LATER = KICK_OFF + timedelta(hours=3)
LEGS = 15
LETTERS = "abcdefghijklmno"


def team(number: int, side: str) -> str:
    """A team's name of nearly a hundred characters, every one another."""
    word = f"{LETTERS[number] * 3}{side}ville"
    return f"{word} نادي الصقور 🏈🔥 " + "*_~`|<>" * 8 + " Athletic Union of the North"


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    stage = open_stage(database_url).ready()
    for number in range(LEGS):
        stage.game(team(number, "a")[:99], team(number, "h")[:99], LATER, chiefs_offers(stage.clock.now()))
    # Fifteen legs win thousands of units: the limit counts the larger of risk and to-win.
    stage.environment.database.run(
        lambda session: session.execute("UPDATE guilds SET max_units_micro = 10000000000000")
    )
    yield stage
    stage.close()


def fifteen(suffix: str) -> str:
    return "\n".join(f"{LETTERS[number] * 3}aville {suffix}" for number in range(LEGS))


def panel(stage: Stage, bet_id: int) -> Seen:
    return stage.click(GRADER, custom_id.build("slip.grade", bet_id))


def test_fifteen_legs_fit_from_preview_to_tombstone_of_every_leg(stage: Stage) -> None:
    seen = stage.slash(ANN, "bet", pick=f"{fifteen('-3 -110')}\n1u")
    assert "15-leg parlay" in seen.text
    form = stage.click(ANN, seen.button("Notes")).data
    noted = stage.submit(ANN, form, write_up="*" * 1000, book="🏈" * 30, link=f"https://e.example/{'x' * 380}")
    stage.click(ANN, noted.button("Edit"))
    stage.click(ANN, noted.button("Post"))
    bet_id = int(stage.rows("SELECT MAX(bet_id) AS bet_id FROM bets")[0]["bet_id"])
    slip = stage.rows("SELECT content, images FROM outbox WHERE kind = 'slip.post'")[0]
    text = json.loads(slip["content"])["components"][0]["content"]
    assert len(text) <= 4000
    assert sum(f"{LETTERS[number] * 3}aville" in text for number in range(LEGS)) == LEGS
    image = json.loads(slip["images"])[0]
    assert len(image["view"]["legs"]) == LEGS
    assert len(image["alt"]) <= 1024
    assert render(image["template"], image["view"]).startswith(b"\x89PNG")
    for person in (ANN, BOB, GRADER):
        stage.click(person, custom_id.build("slip.details", bet_id))
        stage.click(person, custom_id.build("slip.more", bet_id))
    stage.clock.set(LATER)
    later(stage, hours=4)
    for number in range(LEGS):
        stage.final(team(number, "a")[:99], team(number, "h")[:99], 27, 20, LATER)
    shown = panel(stage, bet_id)
    leg = stage.click(GRADER, shown.select()["custom_id"], "15")
    stage.click(GRADER, leg.button("Push"))
    assert any(label.startswith("Settle: Won") for label in panel(stage, bet_id).labels)
    decided_again_and_again(stage, bet_id)


def decided_again_and_again(stage: Stage, bet_id: int) -> None:
    """A bet with as many decisions as are shown, each for the longest reason there is."""
    seen = stage.click(GRADER, panel(stage, bet_id).button("Won"))
    for grade in ("Lost", "Push", "Won", "Lost", "Push"):
        form = stage.click(GRADER, seen.button(grade)).data
        seen = stage.submit(GRADER, form, reason="🏈*_~`|<>" * 55)
    for person in (ANN, BOB, GRADER):
        for route in ("slip.details", "slip.more"):
            stage.click(person, custom_id.build(route, bet_id))


def test_fifteen_doubtful_legs_are_asked_one_by_one(stage: Stage) -> None:
    seen = stage.slash(ANN, "bet", pick=fifteen("").replace(" \n", "\n"))
    for _ in range(LEGS):
        assert "Post" not in seen.labels
        choice = seen.select()
        seen = stage.click(ANN, choice["custom_id"], choice["options"][0]["value"])
    assert "Post" in seen.labels


FORGED = (
    custom_id.build("draft.choose", 7, 1, 1 << 62),
    custom_id.build("draft.post_again", 7, 1),
    custom_id.build("draft.add", 7, 1),
    custom_id.build("draft.note", 7, 1),
    custom_id.build("bet.withdraw_sure", 7),
    custom_id.build("bet.undo", 7),
    "v1:grade.set_leg:x",
    "v1:panel.repeat:1",
)


def test_forged_and_stale_custom_ids_are_refused_kindly(stage: Stage) -> None:
    for forged in FORGED:
        seen = stage.click(ANN, forged)
        assert seen.private
        assert "no such thing" in seen.text or "earlier version" in seen.text


def test_forged_legs_of_a_real_bet_are_refused(stage: Stage) -> None:
    bet_id = stage.posted("chiefs -3 -110; aaaaville -3 -110; 1u")
    stage.clock.set(LATER)
    shown = panel(stage, bet_id)
    for value in ("0", "3", "x", "-1"):
        assert "no such thing" in stage.click(GRADER, shown.select()["custom_id"], value).text
    stat = custom_id.build("grade.stat", bet_id, 0, 1)
    assert "no such thing" in stage.click(GRADER, stat).text
    for route in ("grade.leg", "grade.back"):
        assert "<@&8002>" in stage.click(BOB, custom_id.build(route, bet_id), "1").text
    assert stage.count("bet_leg_results") == 0

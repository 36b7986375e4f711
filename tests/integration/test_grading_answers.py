"""What a grader or a capper reads when a click comes too early, too late, or about what the market cannot have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from dbsbm.discord import custom_id
from tests.integration.stage import ANN, GRADER, KICK_OFF, OWNER, Seen, Stage, chiefs_offers, later, open_stage

LATER = KICK_OFF + timedelta(hours=3)
TWO = "chiefs -3 -110; broncos ml -160; 1u"
UNPRICED = "parlay +450 1u; chiefs -7; broncos -9"


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    stage = open_stage(database_url).ready()
    stage.game("Denver Broncos", "Seattle Seahawks", LATER, chiefs_offers(stage.clock.now()))
    yield stage
    stage.close()


def panel(stage: Stage, bet_id: int) -> Seen:
    return stage.click(GRADER, custom_id.build("slip.grade", bet_id))


def leg(stage: Stage, bet_id: int, number: int = 1) -> Seen:
    return stage.click(GRADER, panel(stage, bet_id).select()["custom_id"], str(number))


def played(stage: Stage) -> None:
    stage.clock.set(LATER)
    later(stage, hours=4)


def decided(stage: Stage) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in stage.rows("SELECT grade, profit_micro FROM ledger_entries")]


def test_the_panel_of_a_leg_leads_back_to_the_ticket(stage: Stage) -> None:
    bet_id = stage.posted(TWO)
    played(stage)
    ticket = panel(stage, bet_id)
    assert stage.click(GRADER, leg(stage, bet_id).button("Back")).text == ticket.text


def test_before_the_start_a_leg_can_only_be_void_and_its_statistic_is_not_taken(stage: Stage) -> None:
    bet_id = stage.posted("mahomes o275.5 pass yds -115; broncos ml -160; 1u")
    seen = leg(stage, bet_id)
    assert "Before the start" in seen.text
    assert seen.labels == ["Void", "Type the statistic", "Back"]
    won = seen.button("Void").replace("void", "won")
    assert "cannot be graded Won" in stage.click(GRADER, won).text
    form = custom_id.build("grade.stat", bet_id, 0, 1)
    fields = [{"type": 18, "component": {"type": 4, "custom_id": "value", "value": "301"}}]
    assert "Before the start" in stage.submit(GRADER, {"custom_id": form, "components": fields}).text
    assert decided(stage) == []


@pytest.mark.parametrize("typed", ["many", "-1", "1.3", "1000000", "nan"])
def test_a_statistic_is_a_number_of_quarters(stage: Stage, typed: str) -> None:
    bet_id = stage.posted("mahomes o275.5 pass yds -115 1u")
    played(stage)
    form = stage.click(GRADER, panel(stage, bet_id).button("Type the statistic")).data
    assert f"“{typed}”" in stage.submit(GRADER, form, value=typed).text
    assert decided(stage) == []


def test_the_second_of_two_who_type_a_statistic_reads_how_the_bet_stands(stage: Stage) -> None:
    bet_id = stage.posted("mahomes o275.5 pass yds -115; broncos ml -160; 1u")
    played(stage)
    form = stage.click(GRADER, leg(stage, bet_id).button("Type the statistic")).data
    assert "✓ Won: Patrick Mahomes" in stage.submit(GRADER, form, value="301").text
    late = stage.submit(OWNER, form, value="100")
    assert "Somebody else decided first" in late.text
    assert "✓ Won: Patrick Mahomes" in late.text


def test_a_ticket_is_not_settled_while_a_leg_is_open(stage: Stage) -> None:
    bet_id = stage.posted(TWO)
    played(stage)
    stage.final("Kansas City Chiefs", "Las Vegas Raiders", 27, 20)
    seen = stage.click(GRADER, custom_id.build("grade.settle", bet_id, 0))
    assert "Not every leg is decided yet" in seen.text
    assert decided(stage) == []


def test_a_leg_that_drops_out_asks_for_the_price_of_the_rest(stage: Stage) -> None:
    bet_id = stage.posted(UNPRICED)
    played(stage)
    stage.final("Kansas City Chiefs", "Las Vegas Raiders", 30, 23)
    stage.final("Denver Broncos", "Seattle Seahawks", 24, 10, LATER)
    seen = panel(stage, bet_id)
    assert "A leg dropped out" in seen.text
    form = stage.click(GRADER, seen.button("Price of the legs left")).data
    assert "as the odds" in stage.submit(GRADER, form, odds="evenish").text
    assert "Profit: **+0.95u**" in stage.submit(GRADER, form, odds="-105").text
    assert decided(stage) == [("won", 952_381)]


def test_a_price_for_the_rest_settles_nothing_while_a_leg_is_open(stage: Stage) -> None:
    bet_id = stage.posted(UNPRICED)
    played(stage)
    form = {"custom_id": custom_id.build("grade.reprice", bet_id, 0), "components": []}
    fields = [{"type": 18, "component": {"type": 4, "custom_id": "odds", "value": "-105"}}]
    seen = stage.submit(GRADER, {**form, "components": fields})
    assert "Not every leg is decided yet" in seen.text
    assert decided(stage) == []


def test_a_correction_may_not_leave_open_what_is_meant(stage: Stage) -> None:
    posted = stage.click(ANN, stage.slash(ANN, "bet", pick="chiefs -3 -110 2u").button("Post"))
    form = stage.click(ANN, posted.button("Correct")).data
    assert "can mean several bets" in stage.submit(ANN, form, pick="chiefs", odds="").text
    assert stage.count("bet_revisions") == 1


def test_a_corrected_parlay_with_two_legs_of_one_game_needs_its_price(stage: Stage) -> None:
    posted = stage.click(ANN, stage.slash(ANN, "bet", pick=TWO).button("Post"))
    form = stage.click(ANN, posted.button("Correct")).data
    fields = [label["component"]["custom_id"] for label in form["components"]]
    seen = stage.submit(ANN, form, **{fields[0]: "chiefs -3 -110\nchiefs raiders over 44.5 -105"})
    assert "Two legs are of one game" in seen.text
    assert stage.count("bet_revisions") == 1


def test_a_correction_of_what_was_changed_meanwhile_changes_nothing(stage: Stage) -> None:
    posted = stage.click(ANN, stage.slash(ANN, "bet", pick="chiefs -3 -110 2u").button("Post"))
    form = stage.click(ANN, posted.button("Correct")).data
    later(stage, minutes=3)
    assert "version 2" in stage.submit(ANN, form, stake="3u").text
    assert "was changed meanwhile" in stage.submit(ANN, form, stake="4u").text
    assert stage.count("bet_revisions") == 2


def offered(stage: Stage, option: str, typed: str, **others: str) -> list[str]:
    seen = stage.send(stage.command(ANN, "prop", kind=4, focused=option, **others, **{option: typed}))
    return [choice["name"] for choice in seen.data["choices"]]


def test_a_prop_of_nobody_we_know_completes_nothing_and_its_line_still_takes_a_number(stage: Stage) -> None:
    assert offered(stage, "stat", "pass", player="Nobody Atall") == []
    assert offered(stage, "line", "275.5", player="Nobody Atall", stat="passing_yards") == ["Over 275.5", "Under 275.5"]
    assert offered(stage, "line", "o275.5", player="Patrick Mahomes", stat="no such") == ["Over 275.5", "Under 275.5"]
    assert offered(stage, "line", "much", player="Patrick Mahomes", stat="passing_yards") == []
    assert offered(stage, "line", "", player="Travis Kelce", stat="anytime_touchdown") == ["Yes", "No"]


def test_a_prop_without_a_price_that_no_book_offers_asks_for_one(stage: Stage) -> None:
    named = {"player": "Patrick Mahomes", "stat": "passing_yards", "line": "over 275.5"}
    assert "has no price here now: type one in odds" in stage.slash(ANN, "prop", **named).text
    assert "is no line of this statistic" in stage.slash(ANN, "prop", **named | {"line": "yes"}, odds="-115").text
    assert stage.count("drafts") == 0

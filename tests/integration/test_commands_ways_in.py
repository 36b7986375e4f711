"""The other ways to a bet – guided props, teasers, round robins, manual entries, drafts, the panel – and out of one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from dbsbm.discord import custom_id
from dbsbm.discord.definitions import REGISTRY
from tests.integration.stage import (
    ANN,
    BOB,
    GRADER,
    KICK_OFF,
    OWNER,
    Json,
    Seen,
    Stage,
    chiefs_offers,
    later,
    open_stage,
)

LATER = KICK_OFF + timedelta(hours=3)


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    stage = open_stage(database_url).ready()
    stage.game("Denver Broncos", "Seattle Seahawks", LATER, chiefs_offers(stage.clock.now()))
    stage.game("Los Angeles Rams", "San Francisco 49ers", LATER, chiefs_offers(stage.clock.now()))
    yield stage
    stage.close()


def panel(stage: Stage, bet_id: int) -> Seen:
    return stage.click(GRADER, custom_id.build("slip.grade", bet_id))


def offered(stage: Stage, option: str, typed: str, **others: str) -> list[Json]:
    seen = stage.send(stage.command(ANN, "prop", kind=4, focused=option, **others, **{option: typed}))
    choices: list[Json] = seen.data["choices"]
    return choices


def newest(stage: Stage) -> int:
    return int(stage.rows("SELECT MAX(bet_id) AS bet_id FROM bets")[0]["bet_id"])


def test_each_field_of_a_prop_is_completed_from_the_one_before(stage: Stage) -> None:
    player = offered(stage, "player", "maho")[0]
    assert player == {"name": "Patrick Mahomes · Chiefs", "value": "Patrick Mahomes"}
    stat = offered(stage, "stat", "pass y", player=player["value"])[0]
    assert stat["name"] == "Passing yards"
    assert all("rebound" not in choice["name"].lower() for choice in offered(stage, "stat", "", player=player["value"]))
    lines = offered(stage, "line", "275.5", player=player["value"], stat=stat["value"])
    assert [line["name"] for line in lines] == ["Over 275.5", "Under 275.5"]
    chosen = {"player": player["value"], "stat": stat["value"], "line": lines[0]["value"]}
    seen = stage.slash(ANN, "prop", **chosen, odds="-115", units="1u")
    assert "Patrick Mahomes over 275.5 passing yards (−115) 1u" in seen.text
    stage.click(ANN, seen.button("Post"))
    assert stage.rows("SELECT player, stat, line_q FROM bet_legs") == [
        {"player": "Patrick Mahomes", "stat": "passing_yards", "line_q": 1102}
    ]


@pytest.mark.parametrize(
    ("changed", "named"),
    [({"player": "Nobody Atall"}, "Nobody Atall"), ({"stat": "rebounds"}, "rebounds"), ({"line": "275.5"}, "275.5")],
)
def test_a_prop_that_cannot_be_is_refused_by_the_field(stage: Stage, changed: dict[str, str], named: str) -> None:
    options = {"player": "Patrick Mahomes", "stat": "passing_yards", "line": "over 275.5", "odds": "-115"} | changed
    seen = stage.slash(ANN, "prop", **options)
    assert f"“{named}”" in seen.text
    assert stage.count("drafts") == 0


def test_a_teaser_moves_every_line_and_is_paid_by_its_card(stage: Stage) -> None:
    seen = stage.slash(ANN, "teaser", legs="chiefs -3; broncos -3; rams 49ers over 44.5", units="1u")
    assert "3-leg teaser, 6 points (+160) 1u" in seen.text
    assert "Chiefs +3" in seen.text
    assert "Over 38.5" in seen.text
    assert "2 legs" in seen.text
    stage.click(ANN, seen.button("Post"))
    stage.clock.set(LATER)
    later(stage, hours=4)
    stage.final("Kansas City Chiefs", "Las Vegas Raiders", 17, 20)
    stage.final("Denver Broncos", "Seattle Seahawks", 24, 10, LATER)
    stage.final("Los Angeles Rams", "San Francisco 49ers", 30, 20, LATER)
    shown = panel(stage, newest(stage))
    stage.click(GRADER, shown.button(next(label for label in shown.labels if label.startswith("Settle"))))
    # One leg pushed: two legs are paid at 20/23.
    assert stage.rows("SELECT grade, profit_micro FROM ledger_entries") == [{"grade": "won", "profit_micro": 869_565}]


def test_a_moneyline_cannot_be_teased(stage: Stage) -> None:
    seen = stage.slash(ANN, "teaser", legs="chiefs ml; broncos -3")
    assert "cannot be teased" in seen.text


def test_a_round_robin_shows_the_stake_both_ways(stage: Stage) -> None:
    legs = "chiefs -3 -110; broncos -3 -110; rams 49ers over 44.5 -105"
    seen = stage.slash(ANN, "roundrobin", legs=legs, by="2,3", units="0.5u")
    assert "Round robin: 3 legs by 2, 3, 4 parlays" in seen.text
    assert "0.5u × 4 = 2u" in seen.text
    assert "Risk 2u" in seen.text
    stage.click(ANN, seen.button("Post"))
    row = stage.rows("SELECT ticket, risk_micro, terms FROM bet_revisions")[0]
    assert (row["ticket"], row["risk_micro"]) == ("round_robin", 2_000_000)
    assert json.loads(row["terms"])["each_micro"] == 500_000
    assert "Legs so far" in stage.click(BOB, custom_id.build("slip.details", newest(stage))).text


def test_a_manual_entry_locks_and_is_graded_by_somebody_else(stage: Stage) -> None:
    seen = stage.slash(
        ANN, "manual", event="Worlds final, T1 v Gen.G", pick="T1 to win", odds="+120", locks="in 2h", units="1u"
    )
    assert "T1 to win (+120) 1u" in seen.text
    stage.click(ANN, seen.button("Post"))
    bet_id = newest(stage)
    both = replace(ANN, roles=(*ANN.roles, *GRADER.roles))
    later(stage, hours=3)
    won = panel(stage, bet_id).button("Won")
    assert "somebody else" in stage.click(both, won).text
    assert "locked" in stage.click(ANN, custom_id.build("bet.correct", bet_id)).text
    stage.click(GRADER, won)
    assert stage.rows("SELECT profit_micro FROM ledger_entries") == [{"profit_micro": 1_200_000}]


@pytest.mark.parametrize("locks", ["yesterday", "2020-01-01 10:00", "in 9999d"])
def test_a_lock_time_must_lie_ahead(stage: Stage, locks: str) -> None:
    seen = stage.slash(ANN, "manual", event="Final", pick="T1", odds="+120", locks=locks)
    assert f"“{locks}" in seen.text
    assert "This works" in seen.text


def test_the_same_bet_within_ten_minutes_is_asked_about(stage: Stage) -> None:
    stage.posted()
    later(stage, minutes=9)
    again = stage.slash(ANN, "bet", pick="chiefs -3 -108 1u")
    asked = stage.click(ANN, again.button("Post"))
    assert "Post it a second time?" in asked.text
    assert stage.count("bets") == 1
    assert "Posted in" in stage.click(ANN, asked.button("Post again")).text
    later(stage, minutes=11)
    assert "Posted in" in stage.click(ANN, stage.slash(ANN, "bet", pick="chiefs -3 -110 2u").button("Post")).text


def test_a_withdrawal_leaves_a_tombstone_and_its_count(stage: Stage) -> None:
    bet_id = stage.posted()
    later(stage, minutes=5)
    details = stage.click(ANN, custom_id.build("slip.details", bet_id))
    asked = stage.click(ANN, details.button("Withdraw"))
    gone = stage.click(ANN, asked.button("Yes, withdraw"))
    assert "Withdrawn" in gone.text
    slip = stage.rows("SELECT content FROM outbox WHERE kind = 'message.edit'")[0]["content"]
    assert "**Withdrawn** before the start" in slip
    stage.clock.set(KICK_OFF)
    stage.click(GRADER, panel(stage, bet_id).button("Won"))
    assert stage.count("ledger_entries") == 0
    assert stage.rows("SELECT state, grade FROM bets") == [{"state": "withdrawn", "grade": "won"}]
    assert "1 withdrawn" in stage.slash(BOB, "stats", mode="deferred", user=ANN.user_id).text


def test_nobody_else_withdraws_and_nobody_after_the_start(stage: Stage) -> None:
    bet_id = stage.posted()
    sure = custom_id.build("bet.withdraw_sure", bet_id)
    other = replace(BOB, roles=ANN.roles)
    stage.slash(OWNER, "capper add", user=BOB.user_id)
    assert "Only" in stage.click(other, sure).text
    stage.clock.set(KICK_OFF)
    assert "locked" in stage.click(ANN, sure).text
    assert stage.rows("SELECT state FROM bets") == [{"state": "open"}]


def test_a_bet_that_leaves_nothing_open_is_posted_at_once_for_those_who_want_that(stage: Stage) -> None:
    stage.send(_with_boolean(stage.command(ANN, "instant", on=True)))
    done = stage.slash(ANN, "bet", pick="chiefs -3 -110 2u")
    assert "Posted in" in done.text
    assert stage.count("drafts") == 0
    undone = stage.click(ANN, done.button("Undo (60 s)"))
    assert "Undone" in undone.text
    assert stage.rows("SELECT state FROM bets") == [{"state": "undone"}]
    for doubtful in ("chiefs -3 +150 2u", "chiefs -3 2u", "chiefs"):
        assert "Posted in" not in stage.slash(ANN, "bet", pick=doubtful).text


def test_undo_ends_with_its_minute(stage: Stage) -> None:
    stage.send(_with_boolean(stage.command(ANN, "instant", on=True)))
    done = stage.slash(ANN, "bet", pick="chiefs -3 -110 2u")
    later(stage, seconds=61)
    assert "minute is over" in stage.click(ANN, done.button("Undo (60 s)")).text


def test_the_limit_of_open_bets_is_named(stage: Stage) -> None:
    stage.environment.database.run(lambda session: session.execute("UPDATE guilds SET max_open_bets = 1"))
    stage.posted()
    seen = stage.slash(ANN, "bet", pick="broncos ml -160 1u")
    assert "You have 1 open bets" in stage.click(ANN, seen.button("Post")).text


def test_an_open_draft_is_redrawn_anywhere_and_the_old_one_only_redraws(stage: Stage) -> None:
    assert "no preview" in stage.slash(ANN, "draft").text
    first = stage.slash(ANN, "bet", pick="chiefs -3 -110 2u")
    again = stage.slash(ANN, "draft")
    assert "Chiefs −3 (−110) 2u" in again.text
    assert "changed meanwhile" in stage.click(ANN, first.button("Post")).text
    assert stage.count("bets") == 0


def test_notes_stand_on_the_slip(stage: Stage) -> None:
    seen = stage.slash(ANN, "bet", pick="chiefs -3 -110 2u")
    form = stage.click(ANN, seen.button("Notes")).data
    assert "not an address" in stage.submit(ANN, form, write_up="", book="", link="javascript:x").text
    noted = stage.submit(ANN, form, write_up="Rested, *at home*", book="Book A", link="https://book.example/1")
    stage.click(ANN, noted.button("Post"))
    slip = json.loads(stage.rows("SELECT content FROM outbox WHERE kind = 'slip.post'")[0]["content"])
    text = slip["components"][0]["content"]
    assert "> Rested, \\*at home\\*" in text
    assert "at Book A · <https://book.example/1>" in text


def test_the_panel_takes_a_bet_per_line(stage: Stage) -> None:
    assert "Pin it" in stage.slash(OWNER, "panel").text
    posted = json.loads(stage.rows("SELECT content FROM outbox WHERE target_key LIKE 'panel:%%'")[0]["content"])
    assert [button["label"] for button in posted["components"][1]["components"]] == [
        "New bet",
        "My open",
        "Repeat last",
    ]
    form = REGISTRY.static_modals["panel.new"]
    first = stage.submit(ANN, form, bets="chiefs -3 -110 2u\n\nbroncos ml -160 1u")
    assert "2 bets: this is the first" in first.text
    assert "Chiefs −3" in first.text
    stage.click(ANN, first.button("Post"))
    assert "Broncos ML" in stage.slash(ANN, "draft").text
    assert "Chiefs −3 (−110) 2u" in stage.click(ANN, custom_id.build("panel.open")).text
    later(stage, minutes=11)
    repeated = stage.click(ANN, custom_id.build("panel.repeat"))
    assert "Chiefs −3 (−110) 2u" in repeated.text
    assert "Post" in repeated.labels


def test_a_live_bet_keeps_the_score_and_is_locked_at_once(stage: Stage) -> None:
    assert "no game we know is under way" in stage.slash(ANN, "bet", pick="live chiefs -3 -110 1u").text
    stage.clock.set(KICK_OFF)
    later(stage, hours=1)
    stage.final("Kansas City Chiefs", "Las Vegas Raiders", 7, 10, over=False)
    assert "has started" in stage.slash(ANN, "bet", pick="chiefs -3 -110 1u").text
    seen = stage.slash(ANN, "bet", pick="live chiefs ml +130 1u")
    assert "Chiefs ML (live at 7–10) (+130) 1u" in seen.text
    stage.click(ANN, seen.button("Post"))
    row = stage.rows("SELECT score_home, score_away FROM bet_legs")[0]
    assert row == {"score_home": 10, "score_away": 7}
    assert "locked" in stage.click(ANN, custom_id.build("bet.withdraw_sure", newest(stage))).text
    later(stage, hours=3)
    stage.final("Kansas City Chiefs", "Las Vegas Raiders", 27, 20)
    assert "27–20 final → **Won**" in panel(stage, newest(stage)).text
    assert "no game we know is under way" in stage.slash(ANN, "bet", pick="live chiefs ml +130 1u").text


def test_a_pasted_pick_becomes_a_preview(stage: Stage) -> None:
    resolved = {"messages": {"77": {"id": "77", "content": "**Chiefs -3** -110 2u"}}}
    data = {"id": "1", "name": "Log as bet", "type": 3, "target_id": "77", "resolved": resolved}
    seen = stage.send({**stage.command(ANN, "bet", pick="x"), "data": data})
    assert "Chiefs −3 (−110) 2u" in seen.text
    silent = {**data, "resolved": {"messages": {"77": {"id": "77", "content": ""}}}}
    assert "no text" in stage.send({**stage.command(ANN, "bet", pick="x"), "data": silent}).text


def _with_boolean(interaction: Json) -> Json:
    option = interaction["data"]["options"][0]
    option.update(type=5, value=option["value"] == "True")
    return interaction

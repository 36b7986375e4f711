"""Parlays, props and other markets from a typed line to the ledger, through the runner on a real database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from math import prod

import pytest

from dbsbm.discord import custom_id
from tests.integration.stage import ANN, BOB, GRADER, KICK_OFF, Seen, Stage, chiefs_offers, later, open_stage

LATER = KICK_OFF + timedelta(hours=3)
FOUR = "chiefs -3 -110; broncos ml -160; bills +3 -110; over 44.5 rams -105; 1u"
MORE = (
    ("Denver Broncos", "Seattle Seahawks"),
    ("New York Jets", "Buffalo Bills"),
    ("Los Angeles Rams", "San Francisco 49ers"),
)


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    stage = open_stage(database_url).ready()
    for away, home in MORE:
        stage.game(away, home, LATER, chiefs_offers(stage.clock.now()))
    yield stage
    stage.close()


def panel(stage: Stage, bet_id: int) -> Seen:
    return stage.click(GRADER, custom_id.build("slip.grade", bet_id))


def everything_played(stage: Stage) -> None:
    stage.clock.set(LATER)
    later(stage, hours=4)


def finals(stage: Stage, *, jets: int = 20) -> None:
    everything_played(stage)
    stage.final("Kansas City Chiefs", "Las Vegas Raiders", 27, 20)
    stage.final("Denver Broncos", "Seattle Seahawks", 24, 10, LATER)
    stage.final("New York Jets", "Buffalo Bills", jets, 20, LATER)
    stage.final("Los Angeles Rams", "San Francisco 49ers", 30, 20, LATER)


def test_a_typed_parlay_is_one_preview_and_one_bet(stage: Stage) -> None:
    seen = stage.slash(ANN, "bet", pick=FOUR)
    assert "4-leg parlay" in seen.text
    assert "Chiefs −3 (−110)" in seen.text
    done = stage.click(ANN, seen.button("Post"))
    assert "Posted in" in done.text
    revision = stage.rows("SELECT ticket, odds_num, risk_micro, to_win_micro, price_check FROM bet_revisions")[0]
    price = prod((Fraction(21, 11), Fraction(13, 8), Fraction(21, 11), Fraction(41, 21)), start=Fraction(1))
    assert (revision["ticket"], revision["odds_num"], revision["risk_micro"]) == ("parlay", None, 1_000_000)
    assert revision["to_win_micro"] == round((price - 1) * 1_000_000)
    assert len(stage.rows("SELECT leg FROM bet_legs")) == 4
    assert stage.rows("SELECT starts_at FROM bets")[0]["starts_at"] == KICK_OFF.replace(tzinfo=None)
    slip = stage.rows("SELECT content, images FROM outbox WHERE kind = 'slip.post'")[0]
    assert "Over 44.5" in slip["content"]
    assert len(json.loads(slip["images"])[0]["view"]["legs"]) == 4


def test_a_parlay_header_carries_price_and_stake(stage: Stage) -> None:
    seen = stage.slash(ANN, "bet", pick="parlay 0.5u +1100\nchiefs -3\nbroncos ml\nbills +3")
    assert "3-leg parlay (+1100) 0.5u" in seen.text
    assert "The legs multiply to" in seen.text


def test_only_the_doubtful_leg_is_asked(stage: Stage) -> None:
    seen = stage.slash(ANN, "bet", pick="chiefs -3 -110; broncos; 1u")
    assert "Post" not in seen.labels
    choice = seen.select()
    assert any("Broncos ML" in option["label"] for option in choice["options"])
    settled = stage.click(ANN, choice["custom_id"], choice["options"][0]["value"])
    assert "2-leg parlay" in settled.text
    assert "Post" in settled.labels


def test_two_legs_of_one_game_need_a_typed_price(stage: Stage) -> None:
    seen = stage.slash(ANN, "bet", pick="chiefs -3 -110; chiefs raiders over 44.5 -105; 1u")
    assert seen.labels == ["Type the price", "Cancel"]
    assert "The legs multiply to" in seen.text
    forged = stage.click(ANN, seen.button("Type the price").replace("draft.edit", "draft.post"))
    assert "Type the price" in forged.labels
    form = stage.click(ANN, seen.button("Type the price")).data
    priced = stage.submit(ANN, form, odds="+240")
    assert "same-game parlay (+240) 1u" in priced.text
    stage.click(ANN, priced.button("Post"))
    assert stage.rows("SELECT odds_num, odds_den FROM bet_revisions") == [{"odds_num": 17, "odds_den": 5}]


def test_legs_are_added_to_a_preview(stage: Stage) -> None:
    seen = stage.slash(ANN, "bet", pick="chiefs -3 -110 2u")
    form = stage.click(ANN, seen.button("Add to parlay")).data
    joined = stage.submit(ANN, form, legs="broncos ml -160\nbills +3 -110")
    assert "3-leg parlay" in joined.text
    again = stage.submit(ANN, stage.click(ANN, joined.button("Add a leg")).data, legs="bills +3 -110")
    assert "twice" in again.text


def test_the_editor_of_a_parlay_keeps_what_is_not_changed(stage: Stage) -> None:
    seen = stage.slash(ANN, "bet", pick=FOUR)
    form = stage.click(ANN, seen.button("Edit")).data
    same = stage.submit(ANN, form, stake="2u")
    assert "4-leg parlay" in same.text
    assert "2u" in same.text
    assert seen.text.split("(")[1].split(")")[0] == same.text.split("(")[1].split(")")[0]


def test_a_parlay_is_settled_by_its_legs(stage: Stage) -> None:
    bet_id = stage.posted(FOUR)
    finals(stage, jets=17)
    shown = panel(stage, bet_id)
    assert "✓ Won: Chiefs −3" in shown.text
    settle = next(label for label in shown.labels if label.startswith("Settle: Won"))
    done = stage.click(GRADER, shown.button(settle))
    assert "Profit" in done.text
    entry = stage.rows("SELECT grade, profit_micro FROM ledger_entries")[0]
    assert entry["grade"] == "won"
    assert entry["profit_micro"] == stage.rows("SELECT to_win_micro FROM bet_revisions")[0]["to_win_micro"]
    view = json.loads(stage.rows("SELECT images FROM outbox WHERE kind = 'message.edit'")[0]["images"])[0]["view"]
    assert [leg["grade"] for leg in view["legs"]] == ["won"] * 4


def test_a_pushed_leg_drops_out_and_the_rest_pays_its_product(stage: Stage) -> None:
    bet_id = stage.posted("chiefs -7 +120; broncos ml -160; 1u")
    finals(stage)
    shown = panel(stage, bet_id)
    assert "– Push: Chiefs −7" in shown.text
    stage.click(GRADER, shown.button(next(label for label in shown.labels if label.startswith("Settle"))))
    assert stage.rows("SELECT grade, profit_micro FROM ledger_entries") == [{"grade": "won", "profit_micro": 625_000}]


def test_a_lost_leg_decides_while_others_are_open_and_details_say_so(stage: Stage) -> None:
    bet_id = stage.posted(FOUR)
    stage.clock.set(LATER)
    later(stage, minutes=5)
    stage.final("Kansas City Chiefs", "Las Vegas Raiders", 20, 27)
    details = stage.click(BOB, custom_id.build("slip.details", bet_id))
    assert "Legs so far: 0 won, 1 lost, 0 void or push, 3 open" in details.text
    assert any(label.startswith("Settle: Lost −1u") for label in panel(stage, bet_id).labels)


def test_a_grader_decides_a_leg_that_no_score_decides(stage: Stage) -> None:
    bet_id = stage.posted("mahomes o275.5 pass yds -115; broncos ml -160; 1u")
    finals(stage)
    shown = panel(stage, bet_id)
    assert not any(label.startswith("Settle") for label in shown.labels)
    leg = stage.click(GRADER, shown.select()["custom_id"], "1")
    assert leg.labels == ["Won", "Lost", "Void", "Type the statistic", "Back"]
    form = stage.click(GRADER, leg.button("Type the statistic")).data
    typed = stage.submit(GRADER, form, value="301")
    assert "✓ Won: Patrick Mahomes over 275.5 passing yards" in typed.text
    assert any(label.startswith("Settle: Won") for label in typed.labels)


def test_a_prop_settles_by_the_typed_statistic(stage: Stage) -> None:
    bet_id = stage.posted("mahomes o275.5 pass yds -115 1u")
    legs = stage.rows("SELECT market, side, line_q, player, stat, period FROM bet_legs")
    assert legs == [
        {
            "market": "player_prop",
            "side": "over",
            "line_q": 1102,
            "player": "Patrick Mahomes",
            "stat": "passing_yards",
            "period": "game",
        }
    ]
    finals(stage)
    form = stage.click(GRADER, panel(stage, bet_id).button("Type the statistic")).data
    done = stage.submit(GRADER, form, value="268")
    assert "268 → **Lost** (PROP-FINAL)" in done.text
    assert stage.rows("SELECT grade, profit_micro FROM ledger_entries") == [
        {"grade": "lost", "profit_micro": -1_000_000}
    ]


def test_a_player_who_did_not_play_voids_the_prop(stage: Stage) -> None:
    bet_id = stage.posted("kelce anytime td +120 1u")
    finals(stage)
    form = stage.click(GRADER, panel(stage, bet_id).button("Type the statistic")).data
    stage.submit(GRADER, form, value="dnp")
    assert stage.rows("SELECT grade, rule FROM bet_grades") == [{"grade": "void", "rule": "PROP-NO-ACTION"}]


@pytest.mark.parametrize(
    ("typed", "name", "leg"),
    [
        ("chiefs 1h -1.5 -110 1u", "1H Chiefs −1.5", ("spread", "away", -6, "1h")),
        ("chiefs raiders 1q over 9.5 -110 1u", "1Q Over 9.5", ("total", "over", 38, "1q")),
        ("chiefs team total over 24.5 -115 1u", "Chiefs team total over 24.5", ("team_total", "away_over", 98, "game")),
        ("chiefs dnb -120 1u", "Chiefs, draw no bet", ("draw_no_bet", "away", 0, "game")),
    ],
)
def test_other_markets_are_kept_as_separate_fields(
    stage: Stage, typed: str, name: str, leg: tuple[str, str, int, str]
) -> None:
    seen = stage.slash(ANN, "bet", pick=typed)
    assert name in seen.text
    stage.click(ANN, seen.button("Post"))
    row = stage.rows("SELECT market, side, line_q, period FROM bet_legs")[0]
    assert tuple(row.values()) == leg


def test_a_team_total_is_settled_by_the_score_and_a_half_by_a_person(stage: Stage) -> None:
    total = stage.posted("chiefs team total over 24.5 -115 1u")
    later(stage, seconds=1)  # ids order by the millisecond
    half = stage.posted("chiefs 1h -1.5 -110 1u")
    finals(stage)
    assert "→ **Won** (TEAM-TOTAL-FINAL)" in panel(stage, total).text
    by_hand = panel(stage, half)
    assert "→" not in by_hand.text
    stage.click(GRADER, by_hand.button("Won"))
    assert stage.rows("SELECT rule FROM bet_grades") == [{"rule": "PERSON"}]


@pytest.mark.parametrize(
    ("typed", "grades"),
    [
        ("chiefs -3 -110 1u", ["Won", "Lost", "Push", "Void"]),
        ("chiefs -3.5 -110 1u", ["Won", "Lost", "Void"]),
        ("chiefs -3.25 -110 1u", ["Won", "Lost", "Half won", "Half lost", "Void"]),
    ],
)
def test_only_grades_that_the_market_can_have_are_offered(stage: Stage, typed: str, grades: list[str]) -> None:
    bet_id = stage.posted(typed)
    before = panel(stage, bet_id)
    assert before.labels == ["Void"]
    assert "Before the start" in before.text
    forged = stage.click(GRADER, before.button("Void").replace(":void", ":won"))
    assert "cannot be graded Won" in forged.text
    everything_played(stage)
    assert panel(stage, bet_id).labels == grades
    assert stage.rows("SELECT bet_id FROM ledger_entries") == []

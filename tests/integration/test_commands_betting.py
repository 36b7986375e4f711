"""From a typed line to a posted bet, through the runner on a real database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds
from dbsbm.discord import custom_id
from dbsbm.games.model import Offer
from tests.integration.stage import ANN, BOB, KICK_OFF, OWNER, SLIPS, Stage, chiefs_offers, later, open_stage


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    stage = open_stage(database_url).ready()
    yield stage
    stage.close()


def stored_nothing(stage: Stage) -> bool:
    return all(stage.count(table) == 0 for table in ("bets", "drafts", "outbox", "bet_revisions", "ledger_entries"))


def test_a_typed_line_becomes_a_preview_with_the_whole_pick(stage: Stage) -> None:
    seen = stage.slash(ANN, "bet", pick="chiefs -3 -110 2u")
    assert seen.private
    assert "Chiefs −3 (−110) 2u" in seen.text
    assert "Chiefs @ Raiders" in seen.text
    assert "Risk 2u to win 1.82u" in seen.text
    assert seen.labels == ["Post", "Edit", "Add to parlay", "Notes", "Cancel"]
    assert seen.data["allowed_mentions"] == {"parse": []}
    assert stage.count("bets") == 0


def test_the_picture_follows_through_the_outbox(stage: Stage) -> None:
    stage.slash(ANN, "bet", pick="chiefs -3 -110 2u")
    row = stage.rows("SELECT kind, target_key, target, images, expires_at FROM outbox")[0]
    assert row["kind"] == "reply.edit"
    assert row["target_key"].startswith("draft:")
    assert "token-" not in row["target"]
    assert json.loads(row["images"])[0]["template"] == "slip"
    assert stage.nudges[-1]["target_keys"] == [row["target_key"]]


def test_post_stores_bet_revision_leg_and_slip_in_one_go(stage: Stage) -> None:
    bet_id = stage.posted()
    bet = stage.rows("SELECT * FROM bets")[0]
    assert (bet["capper_id"], bet["state"], bet["channel_id"]) == (ANN.user_id, "open", SLIPS)
    assert bet["sports_day"].isoformat() == "2026-09-13"
    terms = stage.rows("SELECT risk_micro, to_win_micro, odds_typed, price_check, kind FROM bet_revisions")
    assert terms == [
        {
            "risk_micro": 2_000_000,
            "to_win_micro": 1_818_182,
            "odds_typed": "-110",
            "price_check": "verified",
            "kind": "posted",
        }
    ]
    leg = stage.rows("SELECT market, side, line_q FROM bet_legs")[0]
    assert leg == {"market": "spread", "side": "away", "line_q": -12}
    slip = stage.rows("SELECT target, content, images FROM outbox WHERE kind = 'slip.post'")[0]
    assert "Ann the Sharp" in slip["target"]
    assert "Chiefs −3 (−110) 2u" in slip["content"]
    assert json.loads(slip["images"])[0]["alt"].startswith("Bet slip: Chiefs −3 (−110) 2u")
    assert f"bet:{bet_id}" in stage.nudges[-1]["target_keys"]


def test_the_same_click_delivered_twice_posts_once_and_reads_the_same(stage: Stage) -> None:
    preview = stage.slash(ANN, "bet", pick="chiefs -3 -110 2u")
    click = stage.pressed(ANN, preview.button("Post"))
    assert stage.send(click).data == stage.send(click).data
    assert stage.count("bets") == 1


def test_pressing_post_again_tells_so_and_posts_nothing(stage: Stage) -> None:
    preview = stage.slash(ANN, "bet", pick="chiefs -3 -110 2u")
    stage.click(ANN, preview.button("Post"))
    again = stage.click(ANN, preview.button("Post"))
    assert "posted already" in again.text
    assert stage.count("bets") == 1
    assert len(stage.rows("SELECT id FROM outbox WHERE kind = 'slip.post'")) == 1


def test_an_old_button_redraws_the_preview_as_it_stands(stage: Stage) -> None:
    preview = stage.slash(ANN, "bet", pick="chiefs -3 -110 2u")
    changed = stage.click(ANN, preview.select()["custom_id"], "5000000")
    assert "Chiefs −3 (−110) 5u" in changed.text
    old = stage.click(ANN, preview.button("Post"))
    assert "changed meanwhile" in old.text
    assert "5u" in old.text
    assert stage.count("bets") == 0
    stage.click(ANN, old.button("Post"))
    assert stage.rows("SELECT risk_micro FROM bet_revisions") == [{"risk_micro": 5_000_000}]


def test_the_editor_shows_the_pick_and_takes_the_change(stage: Stage) -> None:
    preview = stage.slash(ANN, "bet", pick="chiefs -3 -110 2u")
    form = stage.click(ANN, preview.button("Edit"))
    assert form.kind == "modal"
    values = [label["component"]["value"] for label in form.data["components"]]
    assert values == ["Kansas City Chiefs -3", "-110", "2u"]
    changed = stage.submit(ANN, form.data, odds="-115", stake="1.5u", pick="raiders +3")
    assert changed.kind == "update"
    assert "Raiders +3 (−115) 1.5u" in changed.text


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("odds", "0", "0"),
        ("odds", "+50", "+50"),
        ("stake", "-5u", "-5u"),
        ("stake", "abc", "abc"),
        ("pick", "abc", "abc"),
    ],
)
def test_a_field_of_the_editor_that_cannot_be_read_is_named_and_changes_nothing(
    stage: Stage, field: str, typed: str, says: str
) -> None:
    form = stage.click(ANN, stage.slash(ANN, "bet", pick="chiefs -3 -110 2u").button("Edit"))
    before = stage.rows("SELECT version, content FROM drafts")
    seen = stage.submit(ANN, form.data, **{field: typed})
    assert seen.kind == "message"
    assert seen.private
    assert f"“{says}" in seen.text.replace("\\", "")
    assert "This works" in seen.text
    assert stage.rows("SELECT version, content FROM drafts") == before


def test_cancel_ends_the_draft(stage: Stage) -> None:
    preview = stage.slash(ANN, "bet", pick="chiefs -3 -110 2u")
    assert "Cancelled" in stage.click(ANN, preview.button("Cancel")).text
    assert "Cancelled" in stage.click(ANN, preview.button("Post")).text
    assert stage.count("bets") == 0


def test_missing_price_and_stake_are_filled_and_named(stage: Stage) -> None:
    seen = stage.slash(ANN, "bet", pick="chiefs -3")
    assert "Chiefs −3 (−108) 1u" in seen.text
    assert "Filled in for you: price, stake" in seen.text


def test_a_team_alone_asks_which_bet_is_meant(stage: Stage) -> None:
    seen = stage.slash(ANN, "bet", pick="chiefs 2u")
    labels = [option["label"] for option in seen.select()["options"]]
    assert labels == ["Chiefs ML (−160) 2u", "Chiefs −3 (−108) 2u", "Over 44.5 (−105) 2u", "Under 44.5 (−115) 2u"]
    chosen = stage.click(ANN, seen.select()["custom_id"], "1")
    assert "Chiefs −3 (−108) 2u" in chosen.text
    stage.click(ANN, chosen.button("Post"))
    assert stage.count("bets") == 1


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("chiefs ml -160 1u", "Chiefs ML (−160) 1u"),
        ("raiders +140 1u", "Raiders ML (+140) 1u"),
        ("chiefs raiders over 44.5 -105 1u", "Over 44.5 (−105) 1u"),
        ("raiders +3.5 1.87 0.5u", "Raiders +3.5 (−115) 0.5u"),
    ],
)
def test_all_three_markets_are_read(stage: Stage, typed: str, shown: str) -> None:
    assert shown in stage.slash(ANN, "bet", pick=typed).text


def test_a_chosen_suggestion_is_exactly_what_was_shown(stage: Stage) -> None:
    choices = stage.complete(ANN, "chiefs -3 -110 2u")
    assert choices[0]["name"] == "Chiefs −3 (−110) 2u · KC @ LV 8:20 PM · best −108"
    assert all(len(choice["value"]) <= 100 and len(choice["name"]) <= 100 for choice in choices)
    assert "Chiefs −3 (−110) 2u" in stage.slash(ANN, "bet", pick=choices[0]["value"]).text


def test_nothing_typed_offers_the_next_starts(stage: Stage) -> None:
    stage.game("Denver Broncos", "Seattle Seahawks", KICK_OFF + timedelta(days=1), chiefs_offers(stage.clock.now()))
    names = [choice["name"] for choice in stage.complete(ANN, "")]
    assert "Chiefs" in names[0]
    assert any("Broncos" in name for name in names)


def test_a_line_that_nobody_offers_shows_what_there_is(stage: Stage) -> None:
    assert stage.complete(ANN, "raiders +9")[0]["name"].startswith("Raiders +3 (−110) 1u")


def test_a_name_that_two_teams_share_asks_which_game_is_meant(stage: Stage) -> None:
    stage.game("New York Jets", "Kansas City Royals", offers=chiefs_offers(stage.clock.now()))
    seen = stage.slash(ANN, "bet", pick="kansas city -3 -110 1u")
    asked = [option["description"] for option in seen.select()["options"]]
    assert any("Raiders" in line for line in asked)
    assert any("Jets" in line for line in asked)


@pytest.mark.parametrize(
    "typed", ["c", "ch", "KC", "kc -3", "chi", "chiefs -", "chiefs -3 -", "chiefs -3 -1", "chiefs -3 -110 2"]
)
def test_half_typed_picks_still_find_the_game(stage: Stage, typed: str) -> None:
    assert any("Chiefs" in choice["name"] for choice in stage.complete(ANN, typed))


def test_a_stranger_sees_no_suggestions_of_a_server_without_set_up(stage: Stage) -> None:
    assert stage.elsewhere(5002).complete(ANN, "chi") == []


def test_no_setup_names_the_step(stage: Stage) -> None:
    seen = stage.elsewhere(5002).slash(ANN, "bet", pick="chiefs -3 -110 2u")
    assert seen.private
    assert "/setup" in seen.text
    assert stored_nothing(stage)


def test_who_is_no_capper_reads_what_would_make_one(stage: Stage) -> None:
    seen = stage.slash(BOB, "bet", pick="chiefs -3 -110 2u")
    assert "/capper add" in seen.text
    assert stored_nothing(stage)


def test_a_capper_without_the_role_reads_which(stage: Stage) -> None:
    stage.slash(OWNER, "capper add", user=BOB.user_id)
    assert "<@&8001>" in stage.slash(BOB, "bet", pick="chiefs -3 -110 2u").text
    assert stored_nothing(stage)


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("abc", "abc"),
        ("chiefs -3 -110 -5 units", "-5"),
        ("chiefs -3 @0 2u", "0"),
        ("chiefs ml 0 2u", "0"),
        ("chiefs ml +50 2u", "+50"),
        ("chiefs -3 +50 2u", "+50"),
        ("chiefs -3 -110 2000u", "2000"),
        ("chiefs -3 -110 2u please", "please"),
        ("x" * 300, "x" * 100),
    ],
)
def test_what_cannot_be_read_is_named_with_a_pick_that_works(stage: Stage, typed: str, names: str) -> None:
    seen = stage.slash(ANN, "bet", pick=typed)
    assert seen.kind == "message"
    assert seen.private
    assert f"“{names}" in seen.text
    example = seen.text.split("`")[1]
    assert stored_nothing(stage)
    assert "Post" in stage.slash(ANN, "bet", pick=example).labels


@pytest.mark.parametrize("typed", ["chiefs 1h -1.5 1u", "rr: chiefs -3; raiders over 44", "parlay: chiefs -3"])
def test_what_cannot_be_a_bet_is_refused_and_not_taken_for_something_else(stage: Stage, typed: str) -> None:
    seen = stage.slash(ANN, "bet", pick=typed)
    assert "This works" in seen.text
    assert stored_nothing(stage)


def test_a_started_game_is_named_as_typed_and_as_chosen(stage: Stage) -> None:
    chosen = stage.complete(ANN, "chiefs -3 -110 2u")[0]["value"]
    stage.game("Denver Broncos", "Seattle Seahawks", KICK_OFF + timedelta(days=1), chiefs_offers(stage.clock.now()))
    stage.clock.set(KICK_OFF)
    for typed in (chosen, "chiefs -3 -110 2u"):
        seen = stage.slash(ANN, "bet", pick=typed)
        assert "Chiefs @ Raiders, which has started" in seen.text
        assert "Broncos" in seen.text.split("`")[-2]
    assert stored_nothing(stage)


def test_post_is_refused_from_the_second_of_the_start(stage: Stage) -> None:
    preview = stage.slash(ANN, "bet", pick="chiefs -3 -110 2u")
    stage.clock.set(KICK_OFF)
    seen = stage.click(ANN, preview.button("Post"))
    assert "has started" in seen.text
    assert stage.count("bets") == 0
    stage.clock.set(KICK_OFF - timedelta(milliseconds=1))
    stage.click(ANN, preview.button("Post"))
    assert stage.count("bets") == 1


def test_nobody_posts_another_persons_draft(stage: Stage) -> None:
    preview = stage.slash(ANN, "bet", pick="chiefs -3 -110 2u")
    stage.slash(OWNER, "capper add", user=BOB.user_id)
    bob = replace(BOB, roles=ANN.roles)
    assert "not yours" in stage.click(bob, preview.button("Post")).text
    assert stage.count("bets") == 0


def test_a_bet_of_another_guild_does_not_exist_here(stage: Stage) -> None:
    bet_id = stage.posted()
    other = stage.elsewhere(5002)
    seen = other.click(OWNER, custom_id.build("slip.details", bet_id))
    assert "no such thing" in seen.text
    assert "Chiefs" not in seen.text


@pytest.mark.parametrize("typed", ["v0:draft.post:1", "v1:nothing", "v1:draft.post:zz:1", "grade", "v1:grade.set:%%"])
def test_unknown_and_forged_custom_ids_get_a_kind_answer(stage: Stage, typed: str) -> None:
    seen = stage.click(ANN, typed)
    assert seen.private
    assert "earlier version" in seen.text


def test_a_correction_within_two_minutes_keeps_time_and_price_check(stage: Stage) -> None:
    preview = stage.slash(ANN, "bet", pick="chiefs -3 -110 2u")
    posted = stage.click(ANN, preview.button("Post"))
    later(stage, minutes=2)
    form = stage.click(ANN, posted.button("Correct"))
    assert "Corrected" in stage.submit(ANN, form.data, stake="3u").text
    first, second = stage.rows("SELECT kind, priced_at, risk_micro FROM bet_revisions ORDER BY revision")
    assert (second["kind"], second["risk_micro"]) == ("correction", 3_000_000)
    assert second["priced_at"] == first["priced_at"]
    assert stage.rows("SELECT kind FROM outbox WHERE kind = 'message.edit'") == [{"kind": "message.edit"}]


def test_a_later_correction_is_a_version_timed_anew(stage: Stage) -> None:
    preview = stage.slash(ANN, "bet", pick="chiefs -3 -110 2u")
    posted = stage.click(ANN, preview.button("Post"))
    later(stage, minutes=2, seconds=1)
    form = stage.click(ANN, posted.button("Correct"))
    assert "version 2" in stage.submit(ANN, form.data, stake="3u").text
    first, second = stage.rows("SELECT kind, priced_at FROM bet_revisions ORDER BY revision")
    assert second["kind"] == "version"
    assert second["priced_at"] > first["priced_at"]


def test_nothing_changes_after_the_start(stage: Stage) -> None:
    posted = stage.click(ANN, stage.slash(ANN, "bet", pick="chiefs -3 -110 2u").button("Post"))
    form = stage.click(ANN, posted.button("Correct"))
    stage.clock.set(KICK_OFF)
    assert "locked" in stage.submit(ANN, form.data, stake="3u").text
    assert "locked" in stage.click(ANN, posted.button("Correct")).text
    assert stage.count("bet_revisions") == 1


def test_only_the_capper_corrects_a_bet(stage: Stage) -> None:
    posted = stage.click(ANN, stage.slash(ANN, "bet", pick="chiefs -3 -110 2u").button("Post"))
    stage.slash(OWNER, "capper add", user=BOB.user_id)
    assert "Only" in stage.click(replace(BOB, roles=ANN.roles), posted.button("Correct")).text


def test_details_show_the_terms_to_every_member(stage: Stage) -> None:
    bet_id = stage.posted()
    seen = stage.click(BOB, custom_id.build("slip.details", bet_id))
    assert seen.private
    assert "Risk 2u to win 1.82u" in seen.text
    assert "Price verified" in seen.text
    assert "Best price now: −108 book" in seen.text.replace("\\", "")
    assert seen.labels == ["Verify"]


def test_a_deferred_late_preview_comes_as_one_edit_with_its_picture(stage: Stage) -> None:
    stage.slash(ANN, "bet", mode="deferred", pick="chiefs -3 -110 2u")
    rows = stage.rows("SELECT kind, target_key, images FROM outbox")
    assert len(rows) == 1
    assert rows[0]["target_key"].startswith("reply:")
    assert json.loads(rows[0]["images"])[0]["template"] == "slip"


def test_an_error_of_a_deferred_interaction_comes_through_the_outbox(stage: Stage) -> None:
    stage.slash(ANN, "bet", mode="deferred", pick="abc")
    rows = stage.rows("SELECT kind, content FROM outbox")
    assert len(rows) == 1
    assert "abc" in rows[0]["content"]
    assert stage.count("drafts") == 0


def test_a_modal_that_comes_too_late_asks_to_press_again(stage: Stage) -> None:
    preview = stage.slash(ANN, "bet", pick="chiefs -3 -110 2u")
    stage.click(ANN, preview.button("Edit"), mode="deferred")
    assert "Press the button again" in stage.rows("SELECT content FROM outbox WHERE id LIKE '%%:reply'")[0]["content"]


def test_the_longest_names_fit_everywhere(stage: Stage) -> None:
    away, home = "שלום עולם 🏈 " + "W" * 88, "🏟️ " + "M" * 96
    stage.game(away, home, offers=chiefs_offers(stage.clock.now()))
    stage.slash(OWNER, "capper add", user=ANN.user_id, name="🎯 مرحبا " + "N" * 70)
    choices = stage.complete(ANN, "W" * 88)
    assert all(len(choice["name"]) <= 100 and len(choice["value"]) <= 100 for choice in choices)
    asked = stage.slash(ANN, "bet", pick=f"{'W' * 88} 2u")
    shown = stage.click(ANN, asked.select()["custom_id"], "0")
    stage.click(ANN, shown.button("Edit"))
    stage.click(ANN, shown.button("Post"))
    assert stage.count("bets") == 1


def test_one_click_delivered_to_many_functions_at_once_is_one_bet(stage: Stage, database_url: str) -> None:
    click = stage.pressed(ANN, stage.slash(ANN, "bet", pick="chiefs -3 -110 2u").button("Post"))
    stages = [open_stage(database_url, seed) for seed in range(8)]
    with ThreadPoolExecutor(len(stages)) as pool:
        seen = list(pool.map(lambda other: [other.send(click).text for _ in range(12)], stages))
    for other in stages:
        other.environment.database.close()
    assert len({text for texts in seen for text in texts}) == 1
    assert "Posted in" in seen[0][0]
    assert stage.count("bets") == 1
    assert len(stage.rows("SELECT id FROM outbox WHERE kind = 'slip.post'")) == 1


def test_two_clicks_on_post_at_once_are_one_bet(stage: Stage, database_url: str) -> None:
    post = stage.slash(ANN, "bet", pick="chiefs -3 -110 2u").button("Post")
    clicks = [stage.pressed(ANN, post) for _ in range(4)]
    stages = [open_stage(database_url, seed) for seed in range(4)]
    with ThreadPoolExecutor(len(stages)) as pool:
        seen = list(pool.map(lambda pair: pair[0].send(pair[1]).text, zip(stages, clicks, strict=True)))
    for other in stages:
        other.environment.database.close()
    assert sum("Posted in" in text for text in seen) == 1
    assert sum("posted already" in text for text in seen) == 3
    assert stage.count("bets") == 1


@pytest.mark.parametrize(("minutes", "verdict"), [(4, "verified"), (6, "near")])
def test_a_price_that_was_changed_within_five_minutes_could_still_be_had(
    stage: Stage, minutes: int, verdict: str
) -> None:
    later(stage, minutes=1)
    at = stage.clock.now()
    moved = [Offer(book, Market.SPREAD, Side.AWAY, -14, Odds.from_american(-110), at) for book in ("book_a", "book_b")]
    stage.game("Kansas City Chiefs", "Las Vegas Raiders", offers=moved)
    later(stage, minutes=minutes)
    stage.posted("chiefs -3 -110 2u")
    assert stage.rows("SELECT price_check FROM bet_revisions") == [{"price_check": verdict}]

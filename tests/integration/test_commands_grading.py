"""Grades, undo, re-grades and records, through the runner on a real database."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from dbsbm.betting.settlement import Grade
from dbsbm.discord import custom_id
from tests.integration.stage import ANN, BOB, GRADER, KICK_OFF, OWNER, Seen, Someone, Stage, later, open_stage


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    stage = open_stage(database_url).ready()
    yield stage
    stage.close()


def panel(stage: Stage, bet_id: int) -> Seen:
    """What a grader sees once the game is under way."""
    if stage.clock.now() < KICK_OFF:
        stage.clock.set(KICK_OFF)
    return stage.click(GRADER, custom_id.build("slip.grade", bet_id))


def ledger(stage: Stage) -> list[tuple[object, ...]]:
    rows = stage.rows(
        "SELECT grade_seq, kind, grade, bets, risk_micro, profit_micro FROM ledger_entries "
        "ORDER BY entered_at, kind DESC"
    )
    return [tuple(row.values()) for row in rows]


@pytest.mark.parametrize(
    ("label", "grade", "profit"),
    [
        ("Won", "won", 1_818_182),
        ("Lost", "lost", -2_000_000),
        ("Push", "push", 0),
        ("Void", "void", 0),
        ("Half won", "half_won", 909_091),
        ("Half lost", "half_lost", -1_000_000),
    ],
)
def test_every_grade_is_one_entry_with_its_units(stage: Stage, label: str, grade: str, profit: int) -> None:
    bet_id = stage.posted("chiefs -3.25 -110 2u" if label.startswith("Half") else "chiefs -3 -110 2u")
    seen = stage.click(GRADER, panel(stage, bet_id).button(label))
    assert seen.kind == "update"
    assert f"Graded **{label}** by <@{GRADER.user_id}>" in seen.text
    assert ledger(stage) == [(1, "grade", grade, 1, 2_000_000, profit)]
    assert stage.rows("SELECT state, grade FROM bets") == [{"state": "graded", "grade": grade}]


def test_the_slip_is_stamped_through_the_outbox(stage: Stage) -> None:
    bet_id = stage.posted()
    stage.click(GRADER, panel(stage, bet_id).button("Won"))
    stamp = stage.rows("SELECT target_key, content, images FROM outbox WHERE kind = 'message.edit'")[0]
    assert stamp["target_key"] == f"bet:{bet_id}"
    assert "Won +1.82u" in stamp["content"]
    view = json.loads(stamp["images"])[0]["view"]
    assert (view["grade"], view["profit"]) == ("won", "+1.82u")


def test_the_result_is_proposed_first_and_its_rule_named(stage: Stage) -> None:
    bet_id = stage.posted()
    stage.clock.set(KICK_OFF)
    later(stage, hours=4)
    stage.final("Kansas City Chiefs", "Las Vegas Raiders", 27, 20)
    shown = panel(stage, bet_id)
    assert "27–20 final → **Won**" in shown.text
    stage.click(GRADER, shown.button("Won"))
    decided = stage.rows("SELECT rule, source, action FROM bet_grades")[0]
    assert decided["rule"] not in ("", "PERSON")
    assert decided["rule"] in stage.rows("SELECT content FROM outbox WHERE kind = 'message.edit'")[0]["content"]


def test_who_decides_against_the_result_is_named_as_the_rule(stage: Stage) -> None:
    bet_id = stage.posted()
    stage.clock.set(KICK_OFF)
    later(stage, hours=4)
    stage.final("Kansas City Chiefs", "Las Vegas Raiders", 27, 20)
    stage.click(GRADER, panel(stage, bet_id).button("Lost"))
    assert stage.rows("SELECT rule FROM bet_grades") == [{"rule": "PERSON"}]


def test_undo_reverses_and_keeps_the_history(stage: Stage) -> None:
    bet_id = stage.posted()
    graded = stage.click(GRADER, panel(stage, bet_id).button("Won"))
    later(stage, minutes=15)
    undone = stage.click(OWNER, graded.button("Undo"))
    assert f"taken back by <@{OWNER.user_id}>" in undone.text
    assert ledger(stage) == [
        (1, "grade", "won", 1, 2_000_000, 1_818_182),
        (2, "reversal", "won", -1, -2_000_000, -1_818_182),
    ]
    assert stage.rows("SELECT state, grade, grade_seq FROM bets") == [{"state": "open", "grade": None, "grade_seq": 2}]
    assert stage.rows("SELECT action FROM bet_grades ORDER BY grade_seq") == [{"action": "grade"}, {"action": "undo"}]


def test_undo_ends_after_fifteen_minutes(stage: Stage) -> None:
    bet_id = stage.posted()
    graded = stage.click(GRADER, panel(stage, bet_id).button("Won"))
    later(stage, minutes=15, seconds=1)
    assert "15 minutes" in stage.click(GRADER, graded.button("Undo")).text
    assert "Undo" not in panel(stage, bet_id).labels
    assert len(ledger(stage)) == 1


def test_a_regrade_reverses_and_adds(stage: Stage) -> None:
    bet_id = stage.posted()
    graded = stage.click(GRADER, panel(stage, bet_id).button("Won"))
    later(stage, hours=2)
    asked = stage.click(GRADER, graded.button("Push"))
    stage.submit(GRADER, asked.data, reason="Level in the end")
    assert ledger(stage) == [
        (1, "grade", "won", 1, 2_000_000, 1_818_182),
        (2, "reversal", "won", -1, -2_000_000, -1_818_182),
        (2, "grade", "push", 1, 2_000_000, 0),
    ]


def test_the_second_of_two_deciders_reads_who_was_first(stage: Stage) -> None:
    bet_id = stage.posted()
    first, second = panel(stage, bet_id), stage.click(OWNER, custom_id.build("slip.grade", bet_id))
    stage.click(GRADER, first.button("Won"))
    told = stage.click(OWNER, second.button("Lost"))
    assert "Somebody else decided first" in told.text
    assert f"Graded **Won** by <@{GRADER.user_id}>" in told.text
    assert len(ledger(stage)) == 1


def test_two_deciders_at_the_same_moment_make_one_entry(stage: Stage, database_url: str) -> None:
    bet_id = stage.posted()
    stage.clock.set(KICK_OFF)
    won, lost = (custom_id.build("grade.set", bet_id, 0, grade) for grade in (Grade.WON, Grade.LOST))
    clicks = [stage.pressed(GRADER, won), stage.pressed(OWNER, lost)]
    stages = [open_stage(database_url, seed) for seed in (1, 2)]
    for each in stages:
        each.clock.set(KICK_OFF)
    answers: list[Seen] = []
    gate = threading.Barrier(2)

    def press(number: int) -> None:
        gate.wait()
        answers.append(stages[number].send(clicks[number]))

    threads = [threading.Thread(target=press, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for other in stages:
        other.environment.database.close()
    assert len(ledger(stage)) == 1
    assert sum("Somebody else decided first" in seen.text for seen in answers) == 1


@pytest.mark.parametrize("who", [ANN, BOB])
def test_who_may_not_grade_reads_who_can(stage: Stage, who: Someone) -> None:
    bet_id = stage.posted()
    targets = [custom_id.build("grade.set", bet_id, 0, Grade.WON), custom_id.build("grade.undo", bet_id, 0)]
    if who is BOB:  # the bet's own capper proposes there
        targets.append(custom_id.build("slip.grade", bet_id))
        targets.append(custom_id.build("grade.propose", bet_id, 0, Grade.VOID))
    for target in targets:
        seen = stage.click(who, target)
        assert seen.private
        assert "<@&8002>" in seen.text or "own capper" in seen.text
    assert ledger(stage) == []


def test_a_grader_of_another_guild_finds_no_bet(stage: Stage) -> None:
    bet_id = stage.posted()
    other = stage.elsewhere(5002)
    assert "no such thing" in other.click(OWNER, custom_id.build("grade.set", bet_id, 0, Grade.WON)).text
    assert ledger(stage) == []


def test_a_grade_by_the_capper_is_marked_as_own(stage: Stage) -> None:
    both = replace(ANN, roles=(*ANN.roles, *GRADER.roles))
    bet_id = stage.posted()
    stage.clock.set(KICK_OFF)
    assert "your own bet" in stage.click(both, custom_id.build("grade.set", bet_id, 0, Grade.WON)).text
    stage.environment.database.run(lambda session: session.execute("UPDATE guilds SET self_grading = 1"))
    seen = stage.click(both, custom_id.build("grade.set", bet_id, 0, Grade.WON))
    assert "(own bet)" in seen.text
    assert stage.rows("SELECT source FROM bet_grades") == [{"source": "own"}]


def test_the_same_grade_delivered_twice_is_one_entry(stage: Stage) -> None:
    bet_id = stage.posted()
    stage.clock.set(KICK_OFF)
    click = stage.pressed(GRADER, custom_id.build("grade.set", bet_id, 0, Grade.WON))
    assert stage.send(click).text == stage.send(click).text
    assert len(ledger(stage)) == 1


def test_a_graded_bet_is_locked(stage: Stage) -> None:
    bet_id = stage.posted()
    stage.click(GRADER, panel(stage, bet_id).button("Won"))
    assert "locked" in stage.click(ANN, custom_id.build("bet.correct", bet_id)).text


def test_stats_add_up_from_the_ledger(stage: Stage) -> None:
    bets = []
    for line in range(3, 8):
        bets.append(stage.posted(f"chiefs -{line} -110 2u"))
        later(stage, seconds=1)  # ids order by the millisecond
    for bet_id, label in zip(bets, ("Won", "Won", "Lost", "Push", "Void"), strict=True):
        stage.click(GRADER, panel(stage, bet_id).button(label))
        later(stage, minutes=1)
    seen = stage.slash(BOB, "stats", mode="deferred", user=ANN.user_id)
    view = seen.images[0]["view"]
    assert (view["record"], view["units"], view["bets"]) == ("2–1–1", "+1.64u", "5 graded bets")
    assert (view["roi"], view["win_rate"], view["streak"]) == ("+20.5%", "66.7%", "L1")
    assert [grade for grade, _ in view["form"]] == ["won", "won", "lost", "push", "void"]
    assert "".join(letter for _, letter in view["form"]) == "WWLPV"
    assert view["curve"] == pytest.approx([1.818182, 3.636364, 1.636364, 1.636364, 1.636364])
    assert "2–1–1" in seen.text


def test_stats_come_as_an_edit_with_a_picture(stage: Stage) -> None:
    stage.slash(ANN, "stats", mode="deferred")
    row = stage.rows("SELECT kind, target_key, images FROM outbox")[0]
    assert row["kind"] == "reply.edit"
    assert json.loads(row["images"])[0]["template"] == "stats"


def test_share_posts_the_card_publicly_once(stage: Stage) -> None:
    stage.click(GRADER, panel(stage, stage.posted()).button("Won"))
    card = stage.slash(BOB, "stats", mode="deferred", user=ANN.user_id)
    shared = stage.click(BOB, card.button("Share"))
    assert "<#7002>" in shared.text
    row = stage.rows("SELECT target, content FROM outbox WHERE kind = 'message.post'")[0]
    assert "7002" in row["target"]
    assert f"<@{BOB.user_id}>" in row["content"]
    assert "Share" not in row["content"].replace("Shared", "")


def test_stats_of_nobodys_bets_say_so(stage: Stage) -> None:
    assert f"<@{BOB.user_id}> has never posted a bet" in stage.slash(BOB, "stats", mode="deferred").text


def test_stats_of_another_guild_know_nobody(stage: Stage) -> None:
    stage.click(GRADER, panel(stage, stage.posted()).button("Won"))
    assert "never posted" in stage.elsewhere(5002).slash(ANN, "stats", mode="deferred").text

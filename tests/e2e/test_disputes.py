"""*Dispute* on a graded bet: the case, its card, every decision, and who may take it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from local.discord_simulator import Person, Seen
from tests.e2e.world import NOW, World, after, opened

pytestmark = pytest.mark.slow
CHANNEL = "staff"
SOON = NOW + timedelta(minutes=5)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        world.set_up(SOON)
        world.guild.channel(CHANNEL)
        panel = world.olga.slash("settings show")
        panel.select("Channel for those who grade", world.guild.channel(CHANNEL))
        yield world


def graded(world: World, grade: str = "Lost", pick: str = "chiefs -3 -110 2u") -> Seen:
    """A bet of Ann that Bob tails and Gina grades."""
    world.settled(world.ann.slash("bet", pick=pick).click("Post"))
    slip = world.slips(world.bob)[0]
    slip.by(world.bob).click("Tail")
    after(world, minutes=6)
    world.settled(slip.by(world.gina).click("⋯").click(grade))
    return slip


def disputed(world: World, slip: Seen, by: Person, reason: str = "The box score says 30–20", proof: str = "") -> Seen:
    return world.settled(slip.by(by).click("Details").click("Dispute").submit_modal(reason=reason, proof=proof))


def card(world: World, person: Person) -> Seen:
    world.cloud.run_until_idle()
    return world.guild.channel(CHANNEL).seen_by(person)[-1]


def profit(world: World) -> int:
    return int(world.rows("SELECT SUM(profit_micro) AS p FROM ledger_entries")[0]["p"])


def told(world: World, person: Person) -> list[str]:
    world.cloud.run_until_idle()
    return [seen.text for seen in person.in_direct().sees()]


def test_a_tailer_disputes_and_the_grade_is_changed_with_its_reason(world: World) -> None:
    slip = graded(world)
    filed = disputed(world, slip, world.bob, proof="https://scores.example/1")
    assert filed.private
    assert "under review" in filed.text
    assert "Under review" in world.slips(world.gina)[0].text
    case = card(world, world.gina)
    assert "The box score says 30–20" in case.text
    assert "<https://scores.example/1>" in case.text
    done = world.settled(case.by(world.gina).select("Grade anew as…", "Won").submit_modal(reason="Score was wrong"))
    assert "graded **Won** now" in done.text
    assert profit(world) == 1_818_182
    shown = world.slips(world.gina)
    assert "Under review" not in shown[0].text
    assert "Won +1.82u" in shown[0].text
    assert "Corrected: Score was wrong" in shown[-1].text
    assert card(world, world.gina).buttons == []
    assert "graded anew" in card(world, world.gina).text
    assert "Score was wrong" in told(world, world.bob)[-1]
    details = shown[0].by(world.bob).click("Details").text
    assert "disputes this grade" in details
    assert "grades it **Won**" in details
    last = world.rows("SELECT action, reason, source FROM bet_grades ORDER BY grade_seq DESC LIMIT 1")[0]
    assert (last["action"], last["reason"], last["source"]) == ("regrade", "", "person"), "a reason is sealed"
    assert world.simulator.problems == []


def test_a_case_is_upheld_and_the_same_grade_is_not_disputed_twice_by_the_same_person(world: World) -> None:
    slip = graded(world)
    disputed(world, slip, world.ann)
    case = card(world, world.gina)
    done = world.settled(case.by(world.gina).click("Uphold").submit_modal(reason="27–20 stands"))
    assert "**Lost** is upheld" in done.text
    assert profit(world) == -2_000_000
    assert "Under review" not in world.slips(world.gina)[0].text
    assert "Dispute" not in world.slips(world.ann)[0].by(world.ann).click("Details").buttons
    assert "Dispute" in world.slips(world.bob)[0].by(world.bob).click("Details").buttons
    assert "27–20 stands" in told(world, world.ann)[-1]


def test_more_is_asked_for_answered_and_void_decided(world: World) -> None:
    slip = graded(world)
    disputed(world, slip, world.bob)
    case = card(world, world.gina)
    world.settled(case.by(world.gina).click("Ask for more").submit_modal(reason="Which source?"))
    assert "waits for an answer" in card(world, world.gina).text
    assert "Answer with `/disputes`" in told(world, world.bob)[-1]
    mine = world.bob.slash("disputes").select("Open a case", "Chiefs −3 (−110) 2u")
    assert "Which source?" in mine.text
    said = world.settled(mine.click("Add to it").submit_modal(reason="The league's own page", proof=""))
    assert "The league's own page" in said.text
    world.settled(card(world, world.gina).by(world.gina).click("Void").submit_modal(reason="Called off"))
    assert profit(world) == 0
    assert "Void" in world.slips(world.gina)[0].text
    kinds = [row["kind"] for row in world.rows("SELECT kind FROM dispute_events ORDER BY number")]
    assert kinds == ["opened", "asked", "answered", "regraded"]


def test_the_opener_takes_a_case_back(world: World) -> None:
    disputed(world, graded(world), world.bob)
    mine, older = (world.bob.slash("disputes").select("Open a case", "Chiefs −3 (−110) 2u") for _ in range(2))
    assert "taken back" in world.settled(mine.click("Take it back")).text
    assert "Under review" not in world.slips(world.gina)[0].text
    assert "changed meanwhile" in older.click("Add to it").text
    assert "no cases" in world.gina.slash("disputes").text


def test_who_may_not_and_when(world: World) -> None:
    world.settled(world.ann.slash("bet", pick="chiefs -3 -110 2u").click("Post"))
    slip = world.slips(world.bob)[0]
    assert "Dispute" not in slip.by(world.ann).click("Details").buttons
    after(world, minutes=6)
    world.settled(slip.by(world.gina).click("⋯").click("Lost"))
    assert "Dispute" not in slip.by(world.bob).click("Details").buttons, "he does not follow it"
    form = slip.by(world.ann).click("Details").click("Dispute")
    early = slip.by(world.ann).click("Details")
    world.settled(form.submit_modal(reason="No", proof=""))
    again = early.click("Dispute")
    assert "case about this bet already" in again.text
    assert len(world.rows("SELECT dispute_id FROM disputes")) == 1
    case = card(world, world.gina)
    assert "takes the Manage Server" in case.by(world.bob).click("Uphold").text
    world.settled(case.by(world.gina).click("Uphold").submit_modal(reason="Stands"))
    world.database.run(
        lambda session: session.execute("UPDATE bet_grades SET decided_at = decided_at - INTERVAL 73 HOUR", ())
    )
    assert "for 72 hours" in early.click("Dispute").text


def test_an_admin_who_is_the_capper_or_the_opener_does_not_decide(world: World) -> None:
    world.olga.slash("capper add", user=world.gina)
    world.guild.user("gina", role="capper")
    world.settled(world.gina.slash("bet", pick="chiefs -3 -110 2u").click("Post"))
    slip = world.slips(world.olga)[0]
    slip.by(world.olga).click("Tail")
    after(world, minutes=6)
    world.settled(slip.by(world.olga).click("⋯").click("Lost"))
    disputed(world, slip, world.olga)
    case = card(world, world.gina)
    assert "own bet" in case.by(world.gina).click("Uphold").text
    assert "You opened this case" in case.by(world.olga).click("Uphold").text
    world.olga.slash("settings show").click("Betting rules").click("Turn on deciding on own bets")
    world.settled(case.by(world.gina).select("Grade anew as…", "Won").submit_modal(reason="Mine"))
    assert "Graded by its own capper" in world.slips(world.olga)[0].text
    assert "(own bet)" in world.slips(world.olga)[0].by(world.bob).click("Details").text


def test_an_old_card_and_a_doubled_decision_do_nothing_more(world: World) -> None:
    slip = graded(world)
    disputed(world, slip, world.bob)
    case = card(world, world.gina)
    first, second = (case.by(person).click("Uphold") for person in (world.gina, world.olga))
    world.settled(first.submit_modal(reason="Stands"))
    late = world.settled(second.submit_modal(reason="Stands too"))
    assert "nothing was decided" in late.text
    assert len(world.rows("SELECT number FROM dispute_events")) == 2
    assert world.rows("SELECT COUNT(*) AS n FROM bet_grades")[0]["n"] == 1


def test_a_grade_changed_beside_the_case_makes_its_card_old(world: World) -> None:
    slip = graded(world)
    disputed(world, slip, world.bob)
    case = card(world, world.gina)
    world.settled(slip.by(world.olga).click("⋯").click("Won").submit_modal(reason="It won"))
    shown = case.by(world.gina).click("Uphold")
    assert "Stands as **Won**" in shown.text
    world.settled(card(world, world.gina).by(world.gina).click("Uphold").submit_modal(reason="Right now"))
    assert "Under review" not in world.slips(world.gina)[0].text


def test_without_a_channel_the_case_is_filed_and_says_where_to_set_one(database_url: str) -> None:
    with opened(database_url) as world:
        world.set_up(SOON)
        filed = disputed(world, graded(world), world.bob)
        assert "`/settings show`" in filed.text
        shown = world.gina.slash("disputes")
        assert "Waiting for a decision: 1" in shown.text
        case = shown.select("Open a case", "Chiefs −3 (−110) 2u")
        world.settled(case.click("Uphold").submit_modal(reason="Stands"))
        assert world.rows("SELECT state FROM disputes")[0]["state"] == "upheld"
        assert world.rows("SELECT id FROM outbox WHERE state = 'dead'") == ()


def test_another_guild_sees_no_case(world: World) -> None:
    disputed(world, graded(world), world.bob)
    elsewhere = world.simulator.guild("Elsewhere")
    hugo = elsewhere.user("hugo", role="admin")
    hugo.slash("setup", slip_channel=elsewhere.channel("slips"))
    assert "no cases" in hugo.slash("disputes").text
    case = card(world, world.gina)
    hugo_here = world.guild.user("hugo")
    assert "takes the Manage Server" in case.by(hugo_here).click("Uphold").text
    assert world.rows("SELECT state FROM disputes")[0]["state"] == "open"

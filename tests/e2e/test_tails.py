"""*Tail* and *Fade* on a slip, as members meet them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dbsbm.bets import grading
from dbsbm.bets.grading import Decider, Ruling
from dbsbm.bets.repository import BetRepository
from dbsbm.betting.settlement import Grade
from dbsbm.database.session import Session
from local.discord_simulator import Seen
from tests.e2e.world import World, opened

pytestmark = pytest.mark.slow


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world.set_up()


def slip(world: World, pick: str = "chiefs -3 -110 2u") -> Seen:
    world.settled(world.ann.slash("bet", pick=pick).click("Post"))
    return world.slips(world.bob)[-1]


def graded(world: World, grade: Grade) -> None:
    bet_id = world.rows("SELECT MAX(bet_id) AS bet_id FROM bets")[0]["bet_id"]

    def work(session: Session) -> None:
        bets = BetRepository(session, world.guild.id)
        grading.grade(bets, bet_id, bets.bet(bet_id).grade_seq, Ruling(grade), Decider(1, world.clock.now(), 1))

    world.database.run(work)


def test_one_press_tails_at_the_best_price_now_and_the_slip_stays_as_it_is(world: World) -> None:
    public = slip(world)
    assert public.buttons == ["Tail", "Fade", "Details", "⋯"]
    before = (public.text, public.images[0].data)
    mine = public.by(world.bob).click("Tail")
    assert mine.private
    assert "with Chiefs −3 (−110) 2u: 1u at −108" in mine.text.replace("*", "")
    assert "at book" in mine.text
    more = mine.select("Change stake", "3u")
    assert "3u at −108" in more.text.replace("*", "")
    assert "Tails: 1 · Fades: 0" in public.by(world.gina).click("Details").text
    world.cloud.run_until_idle()
    assert (public.text, public.images[0].data) == before
    graded(world, Grade.WON)
    own = world.settled(world.bob.slash("stats"))
    assert "1–0–0" in own.text
    assert "+2.78u" in own.text
    assert "Your tails" not in world.settled(world.gina.slash("stats", user=world.bob)).text
    assert world.simulator.problems == []


def test_a_fade_takes_the_other_side_at_its_own_price(world: World) -> None:
    public = slip(world)
    mine = public.by(world.bob).click("Fade")
    assert "against Chiefs −3 (−110) 2u: 1u at −110" in mine.text.replace("*", "")
    graded(world, Grade.LOST)
    assert "1–0–0" in world.settled(world.bob.slash("stats")).text
    assert "+0.91u" in world.settled(world.bob.slash("stats")).text


def test_a_price_nobody_offers_is_the_slips_own_and_cannot_be_faded(world: World) -> None:
    public = slip(world, "chiefs -7 +150 1u")
    assert "slip's own price" in public.by(world.bob).click("Tail").text
    refused = public.by(world.gina).click("Fade")
    assert refused.private
    assert "no price to fade it at" in refused.text


def test_undo_takes_it_back_and_an_old_button_only_redraws(world: World) -> None:
    public = slip(world)
    first = public.by(world.bob).click("Tail")
    again = public.by(world.bob).click("Tail")
    assert "on this bet already" in again.text
    again.select("Change stake", "5u")
    assert "changed meanwhile" in first.select("Change stake", "2u").text
    assert "Taken back" in first.click("Undo").text
    assert "Taken back" in again.click("Undo").text
    assert world.rows("SELECT bet_id FROM tails WHERE state = 'on'") == ()
    assert "with Chiefs" in public.by(world.bob).click("Tail").text.replace("*", "")


def test_own_bets_and_started_games_are_refused(world: World) -> None:
    public = slip(world)
    assert "your own bet" in public.by(world.ann).click("Tail").text
    mine = public.by(world.bob).click("Tail")
    world.database.run(lambda session: session.execute("UPDATE bets SET starts_at = %s", (world.clock.now(),)))
    assert "cannot be followed" in public.by(world.gina).click("Tail").text
    assert "cannot be followed" in mine.click("Undo").text
    assert len(world.rows("SELECT bet_id FROM tails WHERE state = 'on'")) == 1


def test_a_tailed_bet_is_no_longer_corrected_for_free(world: World) -> None:
    public = slip(world)
    public.by(world.bob).click("Tail")
    form = public.by(world.ann).click("Details").click("Correct")
    world.settled(form.submit_modal(stake="3u"))
    assert [row["kind"] for row in world.rows("SELECT kind FROM bet_revisions ORDER BY revision")] == [
        "posted",
        "version",
    ]
    graded(world, Grade.WON)
    assert "1 not decided" in world.settled(world.bob.slash("stats")).text


def test_another_guild_has_no_such_bet(world: World) -> None:
    public = slip(world)
    elsewhere = world.simulator.guild("Elsewhere")
    hugo = elsewhere.user("hugo", role="admin")
    hugo.slash("setup", slip_channel=elsewhere.channel("slips"))
    hugo.slash("capper add", user=hugo)
    assert public.message is not None
    assert "never posted" not in world.settled(hugo.slash("stats")).text
    assert world.rows("SELECT bet_id FROM tails") == ()

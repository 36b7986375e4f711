"""Sunday night: thirty bets graded in nine presses, and taken back in one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest

from dbsbm.core.ids import Ids
from dbsbm.database.session import Session
from dbsbm.games.model import ScoreReport
from dbsbm.games.service import store_scores
from local.discord_simulator import Seen
from tests.e2e.world import NOW, World, after, opened
from tests.integration.history import Written, write

pytestmark = pytest.mark.slow
_STARTED = NOW - timedelta(hours=4)
_TEAMS = ("Chicago Bears", "Detroit Lions", "Green Bay Packers", "Dallas Cowboys", "Miami Dolphins", "Buffalo Bills")


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        world.set_up()
        yield world


def evening(world: World, decided: int = 24, undecided: int = 6) -> list[int]:
    """Bets of Ann's on six games, five of which are over by four points, 24–20."""
    for away, home in zip(_TEAMS, reversed(_TEAMS), strict=True):
        world.game(away=away, home=home, starts_at=_STARTED)
    for away, home in list(zip(_TEAMS, reversed(_TEAMS), strict=True))[:5]:
        final(world, away, home)
    games = world.rows("SELECT game_id, home, away FROM games WHERE home <> 'Las Vegas Raiders' ORDER BY game_id")
    over = [game for game in games if game["away"] != _TEAMS[5]]
    running = next(game for game in games if game["away"] == _TEAMS[5])
    channel = world.guild.channel("slips").id

    def work(session: Session) -> list[int]:
        assert world.ann.guild_id is not None
        chosen = [(over[n % 5], "away" if n % 3 else "home") for n in range(decided)] + [(running, "away")] * undecided
        return [
            write(
                session,
                Written(
                    guild_id=world.ann.guild_id,
                    capper_id=world.ann.user_id,
                    starts_at=_STARTED,
                    game_id=game["game_id"],
                    home=game["home"],
                    away=game["away"],
                    side=side,
                    line_q=-12 if side == "away" else 12,
                    channel_id=channel,
                ),
            )
            for game, side in chosen
        ]

    return world.database.run(work)


def final(world: World, away: str, home: str) -> None:
    now = world.clock.now()
    report = ScoreReport("test", f"{away}-{home}", "nfl", home, away, _STARTED, now, now, 20, 24, True)
    world.database.run(lambda session: store_scores(session, Ids(world.clock, Random(4)), [report]))


def graded(world: World) -> int:
    return len(world.rows("SELECT bet_id FROM bets WHERE grade IS NOT NULL"))


def test_thirty_bets_are_graded_in_nine_presses(world: World) -> None:
    evening(world)
    presses = 0

    def press(seen: Seen, label: str) -> Seen:
        nonlocal presses
        presses += 1
        return world.settled(seen.click(label))

    seen = world.gina.slash("ungraded")
    presses += 1
    assert seen.private
    assert "30 bets wait" in seen.text
    assert "24–20" in seen.text
    assert "→ Won (" in seen.text.replace("*", "")
    asked = press(seen, "Accept all 24 agreed")
    assert "16 Won, 8 Lost" in asked.text
    assert graded(world) == 0
    seen = press(asked, "Confirm")
    assert "24 graded" in seen.text
    assert graded(world) == 24
    for left in range(6, 0, -1):
        assert f"{left} left" in seen.text
        seen = press(seen, "Won" if left % 2 else "Lost")
    assert "Nothing waits" in seen.text
    assert presses == 9
    assert graded(world) == 30
    assert world.simulator.problems == []

    back = world.settled(seen.click("Undo batch"))
    assert "24 grades taken back" in back.text
    assert graded(world) == 6
    total = world.rows("SELECT SUM(bets) AS bets FROM ledger_entries")[0]
    assert int(total["bets"]) == 6
    kept = world.rows("SELECT SUM(bets) AS bets FROM capper_totals WHERE span = 'all' AND league = '' AND market = ''")
    assert int(kept[0]["bets"]) == 6
    assert "Accept all 24 agreed" in back.buttons


def test_a_long_evening_is_counted_whole_and_shown_a_hundred_at_a_time(world: World) -> None:
    evening(world, decided=0, undecided=104)
    seen = world.gina.slash("ungraded")
    assert "104 bets wait" in seen.text
    assert "the 100 that started first" in seen.text
    seen = seen.click("One by one")
    for _ in range(5):
        seen = seen.click("Won")
    listed = world.gina.slash("ungraded")
    assert "99 bets wait" in listed.text
    assert "started first" not in listed.text


def test_one_card_a_channel_shows_the_results_of_the_evening(world: World) -> None:
    evening(world, decided=5, undecided=2)
    seen = world.settled(world.gina.slash("ungraded").click("Accept all 5 agreed").click("Confirm"))
    cards = [slip for slip in world.slips(world.bob) if "Results" in slip.text]
    assert len(cards) == 1
    assert "5 graded" in cards[0].text
    world.settled(seen.click("Won"))
    cards = [slip for slip in world.slips(world.bob) if "Results" in slip.text]
    assert len(cards) == 1
    assert "6 graded" in cards[0].text
    world.settled(world.gina.slash("ungraded"))
    world.settled(seen.click("Undo batch"))
    cards = [slip for slip in world.slips(world.bob) if "Results" in slip.text]
    assert "1 graded" in cards[0].text


def test_three_results_make_no_card(world: World) -> None:
    evening(world, decided=3, undecided=0)
    world.settled(world.gina.slash("ungraded").click("Accept all 3 agreed").click("Confirm"))
    assert graded(world) == 3
    assert world.slips(world.bob) == []


def test_a_list_that_moved_on_is_drawn_anew_and_nothing_is_graded(world: World) -> None:
    bets = evening(world, decided=4, undecided=1)
    listed = world.gina.slash("ungraded")
    asked = listed.click("Accept all 4 agreed")
    other = world.olga.slash("ungraded")
    world.settled(other.click("One by one").click("Void"))
    told = world.settled(asked.click("Confirm"))
    assert "changed meanwhile" in told.text
    assert "Accept all 3 agreed" in told.buttons
    assert graded(world) == 1
    assert len(bets) == 5


def test_undo_is_refused_after_a_quarter_of_an_hour_and_keeps_what_was_decided_since(world: World) -> None:
    evening(world, decided=4, undecided=1)
    seen = world.settled(world.gina.slash("ungraded").click("Accept all 4 agreed").click("Confirm"))
    after(world, minutes=16)
    late = world.settled(seen.click("Undo batch"))
    assert "15 minutes" in late.text
    assert graded(world) == 4


def test_only_graders_see_it_and_nobody_another_guilds(world: World) -> None:
    evening(world, decided=2, undecided=0)
    for person in (world.bob, world.ann):
        assert "Manage Server" in person.slash("ungraded").text
    listed = world.gina.slash("ungraded")
    accept = listed.message.components  # type: ignore[union-attr]
    assert accept
    elsewhere = world.simulator.guild("Elsewhere")
    hugo = elsewhere.user("hugo", role="admin")
    hugo.slash("setup", slip_channel=elsewhere.channel("slips"))
    assert "Nothing waits" in hugo.slash("ungraded").text
    assert graded(world) == 0


def test_an_own_bet_is_somebody_elses_to_decide(world: World) -> None:
    evening(world, decided=2, undecided=0)
    assert world.ann.guild_id is not None
    world.olga.slash("capper add", user=world.gina)
    world.database.run(
        lambda session: session.execute("UPDATE bets SET capper_id = %s", (world.gina.user_id,)),
    )
    seen = world.gina.slash("ungraded")
    assert "2 bets wait" in seen.text
    assert seen.buttons == ["One by one"]
    assert "Accept all 2 agreed" in world.olga.slash("ungraded").buttons

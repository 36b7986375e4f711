"""``/leaderboard`` as persons meet it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dbsbm.betting.settlement import Grade
from tests.e2e.community import past
from tests.e2e.world import World, opened

pytestmark = pytest.mark.slow
WON, LOST = Grade.WON, Grade.LOST


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        world.set_up()
        world.olga.slash("capper add", user=world.bob)
        world.olga.slash("capper add", user=world.olga)
        yield world


def test_the_board_ranks_who_has_enough_bets_and_names_the_others(world: World) -> None:
    past(world, world.ann, [WON, LOST] * 10 + [WON] * 3)
    past(world, world.bob, [WON] * 6)
    seen = world.settled(world.gina.slash("leaderboard", period="all"))
    assert seen.private
    assert "**Bob** 6–0–0 · 14 more bets to be ranked" in seen.text
    picture = seen.images[0]
    assert picture.data.startswith(b"\x89PNG")
    assert picture.alt is not None
    assert "1. Ann the Sharp 13–10–0, +1.82u, ROI +7.9%" in picture.alt
    assert "Bob" not in picture.alt
    assert seen.buttons == ["Share"]


def test_closing_line_values_stand_beside_the_board_and_each_bet(world: World) -> None:
    past(world, world.ann, [WON, LOST] * 10)
    assert "Closing line value" not in world.settled(world.gina.slash("leaderboard", period="all")).text
    with world.database.transaction() as session:
        session.execute(
            "INSERT INTO clv_bets (guild_id, bet_id, revision, value_ppm, computed_at) "
            "SELECT guild_id, bet_id, revision, IF(grade = 'won', 40000, NULL), starts_at FROM bets"
        )
    seen = world.settled(world.gina.slash("leaderboard", period="all"))
    assert "Ann the Sharp **+4.0%** · 10 bets" in seen.text
    assert "Pinnacle’s close, else the book with the lowest margin" in seen.text
    history = world.settled(world.gina.slash("bets history", user=world.ann)).text
    assert "CLV +4.0%" in history
    assert history.count("CLV") == history.count("**Won**")
    past(world, world.bob, [WON] * 20, league="mlb")
    assert "Closing line value" not in world.settled(world.gina.slash("leaderboard", period="all", league="mlb")).text


def test_period_league_and_market_cut_the_board(world: World) -> None:
    past(world, world.ann, [WON] * 3, league="mlb", market="moneyline", line_q=0)
    past(world, world.bob, [LOST] * 2)
    assert [choice.value for choice in world.gina.autocomplete("leaderboard", "league", "ml")] == ["mlb"]
    assert [choice.name for choice in world.gina.autocomplete("leaderboard", "market")] == ["Moneyline", "Spread"]
    cut = world.settled(world.gina.slash("leaderboard", period="all", league="mlb"))
    assert "Ann the Sharp" in cut.text
    assert "Bob" not in cut.text
    assert "Bob" in world.settled(world.gina.slash("leaderboard", period="all", market="Spread")).text
    wrong = world.settled(world.gina.slash("leaderboard", league="cricket"))
    assert "“cricket”" in wrong.text
    past(world, world.olga, [WON], days_ago=60)
    month = world.settled(world.gina.slash("leaderboard", period="month"))
    assert "olga" not in month.text.lower()
    assert "olga" in world.settled(month.select("Period", "All time")).text.lower()


def test_what_cannot_be_compared_stands_on_a_tab_of_its_own(world: World) -> None:
    past(world, world.ann, [WON] * 20)
    past(world, world.bob, [WON] * 20, price_check="unseen")
    seen = world.settled(world.gina.slash("leaderboard", period="all"))
    assert "Bob" not in (seen.images[0].alt or "")
    assert seen.buttons == ["Unseen", "Share"]
    other = world.settled(seen.click("Unseen"))
    assert "1. Bob" in (other.images[0].alt or "")
    assert "Ann" not in (other.images[0].alt or "")


def test_more_than_ten_are_turned_by_pages_and_shared_publicly(world: World) -> None:
    for number in range(11):
        person = world.guild.user(f"capper{number:02}", role="capper")
        world.olga.slash("capper add", user=person)
        past(world, person, [WON] * (20 + number))
    seen = world.settled(world.gina.slash("leaderboard", period="all"))
    assert "11." not in (seen.images[0].alt or "")
    last = world.settled(seen.click("More"))
    assert "11. Capper00" in (last.images[0].alt or "")
    shared = world.settled(last.click("Share"))
    assert "Shared in" in shared.text
    public = world.guild.channel("general").seen_by(world.bob)[-1]
    assert "11. Capper00" in (public.images[0].alt or "")
    assert f"Shared by <@{world.gina.user_id}>" in public.text
    assert world.simulator.problems == []


def test_another_guild_has_a_board_of_its_own(world: World) -> None:
    past(world, world.ann, [WON] * 20)
    elsewhere = world.simulator.guild("Elsewhere")
    elsewhere.channel("slips")
    hugo = elsewhere.user("hugo", role="admin")
    assert "/setup" in world.settled(hugo.slash("leaderboard", period="all")).text
    hugo.slash("setup", slip_channel=elsewhere.channel("slips"))
    seen = world.settled(hugo.slash("leaderboard", period="all"))
    assert "Nobody has 20 graded bets" in seen.text
    assert hugo.autocomplete("leaderboard", "league") == []
    assert "Ann" not in (seen.images[0].alt or "")

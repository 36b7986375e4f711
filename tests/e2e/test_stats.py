"""``/stats`` by period, league and market, and what members read of their own tails beside it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from dbsbm.betting.settlement import Grade
from local.discord_simulator import Seen
from tests.e2e.routines import bet, community
from tests.e2e.world import World

pytestmark = pytest.mark.slow
NOW = datetime(2026, 10, 14, 16, 0, tzinfo=UTC)
LAST_SEASON, SEPTEMBER = datetime(2026, 3, 1, 20, 0, tzinfo=UTC), datetime(2026, 9, 20, 20, 0, tzinfo=UTC)
THIS_MONTH, THIS_WEEK = datetime(2026, 10, 4, 20, 0, tzinfo=UTC), datetime(2026, 10, 13, 20, 0, tzinfo=UTC)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with community(database_url, NOW) as world:
        for starts_at, grade in (
            (LAST_SEASON, Grade.LOST),
            (SEPTEMBER, Grade.WON),
            (THIS_MONTH, Grade.WON),
            (THIS_MONTH, Grade.PUSH),
            (THIS_WEEK, Grade.LOST),
        ):
            bet(world, world.ann, starts_at, grade)
        yield world


def stats(world: World, **options: str) -> Seen:
    return world.settled(world.bob.slash("stats", user=world.ann, **options))


def test_a_record_of_a_period_counts_that_periods_bets_alone(world: World) -> None:
    shown = {period: stats(world, period=period).text for period in ("week", "month", "season", "all")}
    for period, record in (("week", "0–1–0"), ("month", "1–1–1"), ("season", "2–1–1"), ("all", "2–2–1")):
        assert record in shown[period], period
    assert "This week" in shown["week"]
    assert "4 graded" in shown["season"]
    assert stats(world).text == shown["all"]


def test_the_period_is_changed_on_the_card_and_shared_as_it_is_shown(world: World) -> None:
    card = stats(world)
    changed = world.settled(card.select("Period", "This month"))
    assert "1–1–1" in changed.text
    assert changed.message_id == card.message_id
    world.settled(changed.click("Share"))
    public = world.guild.channel("general").seen_by(world.gina)[-1]
    assert "1–1–1" in public.text
    assert "This month" in public.text


def test_a_league_and_a_market_are_offered_and_narrow_the_record(world: World) -> None:
    leagues = {choice.name: choice.value for choice in world.bob.autocomplete("stats", "league", "")}
    markets = {choice.name: choice.value for choice in world.bob.autocomplete("stats", "market", "")}
    assert leagues["NFL"] == "nfl"
    market = next(iter(markets.values()))
    assert "2–2–1" in stats(world, league="nfl", market=str(market)).text
    assert "NFL" in stats(world, league="nfl").text
    refused = stats(world, league="cricket")
    assert "cricket" in refused.text
    assert refused.private
    assert world.simulator.problems == []


def test_a_capper_reads_the_own_tails_below_the_own_record(world: World) -> None:
    world.game("Buffalo Bills", "Miami Dolphins", starts_at=NOW + timedelta(days=1))
    preview = world.settled(world.ann.slash("bet", pick="bills -3 -110 2u"))
    world.settled(preview.click("Post"))
    world.settled(world.slips(world.bob)[-1].by(world.bob).click("Tail"))
    bet(world, world.bob, THIS_WEEK, Grade.WON)
    own = world.settled(world.bob.slash("stats"))
    assert "1–0–0" in own.text
    assert "1 not decided" in own.text
    assert "not decided" not in world.settled(world.ann.slash("stats", user=world.bob)).text

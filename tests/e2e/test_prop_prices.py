"""Prices on players from the provider's document to the slip, the price check and the closing line value."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.cloud import VirtualClock
from local.demo.slate import DemoSlate
from local.providers.odds_api import OddsApiProvider
from tests.e2e.world import NOW, World, opened, providers

pytestmark = pytest.mark.slow


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """Chiefs @ Raiders begins six minutes from now; its prices are in, those on its players too."""
    clock = VirtualClock(NOW)
    provider = OddsApiProvider(DemoSlate(NOW), clock)
    with opened(database_url, clock=clock, sources=providers(odds=provider.handle)) as world:
        roles = {"capper_role": world.guild.role("capper"), "admin_role": world.guild.role("grader")}
        world.olga.slash("setup", slip_channel=world.guild.channel("slips"), **roles)
        world.olga.slash("capper add", user=world.ann)
        world.cloud.invoke("feed_odds_api", {})
        world.cloud.run_until_idle()
        yield world


def offered(world: World, player: str, stat: str) -> list[tuple[str, str]]:
    """What stands below ``line:`` before anything is typed there."""
    choices = world.ann.autocomplete("prop", "line", "", player=player, stat=stat)
    return [(choice.name, str(choice.value)) for choice in choices]


def test_the_line_and_its_best_price_are_offered_and_filled(world: World) -> None:
    assert offered(world, "Patrick Mahomes", "passing_yards") == [
        ("Over 268.5 · −115 · draftkings", "over 268.5"),
        ("Under 268.5 · −113 · draftkings", "under 268.5"),
        ("Over 269.5 · −110 · fanduel", "over 269.5"),
        ("Under 269.5 · −114 · fanduel", "under 269.5"),
    ]
    assert offered(world, "Travis Kelce", "anytime_touchdown") == [("Yes · +170 · fanduel", "yes")]

    preview = world.ann.slash("prop", player="Travis Kelce", stat="receiving_yards", line="over 48.5")

    assert "−106" in preview.text
    assert "fanduel" in preview.text


def test_a_price_nobody_offers_has_to_be_typed(world: World) -> None:
    refused = world.ann.slash("prop", player="Travis Kelce", stat="receiving_yards", line="over 61.5")

    assert "Travis Kelce over 61.5" in refused.text
    assert "type one" in refused.text


def test_a_typed_prop_is_filled_from_the_books_as_well(world: World) -> None:
    names = [choice.name for choice in world.ann.autocomplete("bet", "pick", "mahomes over passing yards")]
    assert any("269.5" in name and "−110" in name for name in names), "the line priced closest to even"

    preview = world.ann.slash("bet", pick="mahomes o269.5 pass 1u")

    assert "−110" in preview.text


@pytest.mark.parametrize(
    ("line", "odds", "verdict"),
    [
        ("over 268.5", "-115", "verified"),
        ("over 268.5", "-113", "near"),
        ("over 268.5", "+150", "unseen"),
        ("over 259.5", "-115", "unseen"),
    ],
)
def test_the_price_check_knows_players(world: World, line: str, odds: str, verdict: str) -> None:
    world.settled(
        world.ann.slash("prop", player="Patrick Mahomes", stat="passing_yards", line=line, odds=odds).click("Post")
    )

    assert world.rows("SELECT price_check FROM bet_revisions") == [{"price_check": verdict}]


def test_a_statistic_without_prices_stays_unchecked(world: World) -> None:
    world.settled(world.ann.slash("bet", pick="mahomes o2.5 pass tds -115 1u").click("Post"))

    assert world.rows("SELECT price_check FROM bet_revisions") == [{"price_check": "unchecked"}]


def test_a_prop_has_a_closing_line_value(world: World) -> None:
    world.settled(
        world.ann.slash("prop", player="Patrick Mahomes", stat="passing_yards", line="over 268.5").click("Post")
    )
    world.settled(world.ann.slash("bet", pick="mahomes o2.5 pass tds -115 1u").click("Post"))

    world.cloud.advance(15 * 60)
    world.cloud.run_until_idle()

    legs = world.rows("SELECT value_ppm, reason, book, close_line_q FROM clv_legs ORDER BY bet_id")
    over, under = 115 / 215, 113 / 213
    assert legs == [
        {
            "value_ppm": round((215 / 115 * over / (over + under) - 1) * 1_000_000),
            "reason": "",
            "book": "draftkings",
            "close_line_q": 1074,
        },
        {"value_ppm": None, "reason": "no_close", "book": None, "close_line_q": None},
    ]
    assert world.rows("SELECT COUNT(*) AS n FROM clv_bets WHERE value_ppm IS NOT NULL") == [{"n": 1}]

"""Tiers as an admin meets them: limits that stop, Discord's button for more, what was bought and what ended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from dbsbm.tiers.model import GRACE, TABLE, Limit, Limits, Tier
from local.discord_simulator import Person, Seen
from tests.e2e.world import KICK_OFF, World, distinct_pick, opened

pytestmark = pytest.mark.slow

PREMIUM, PLATINUM = 1_200_000_000_000_000_001, 1_200_000_000_000_000_002
SOLD = {"DISCORD_SKU_PREMIUM": str(PREMIUM), "DISCORD_SKU_PLATINUM": str(PLATINUM)}
FREE_CAPPERS = TABLE[Tier.FREE].cappers or 0


@contextmanager
def selling(database_url: str, **settings: str) -> Iterator[World]:
    with opened(database_url, more=settings or SOLD) as world:
        yield world.set_up(KICK_OFF + timedelta(days=30))


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with selling(database_url) as world:
        yield world


def add(world: World, name: str) -> Seen:
    return world.olga.slash("capper add", user=world.guild.user(name))


def filled(world: World) -> World:
    """As many cappers as the free tier has; Ann is the first."""
    for number in range(FREE_CAPPERS - 1):
        assert "can post bets" in add(world, f"capper{number}").text
    return world


def premium_buttons(seen: Seen) -> list[int]:
    rows = [row.get("components", []) for row in seen.components]
    return [int(button["sku_id"]) for row in rows for button in row if button.get("style") == 6]


def told(world: World) -> None:
    """Discord's webhook events arrive."""
    while world.simulator.events.run_due():
        pass


def look(world: World) -> dict[str, Any]:
    answer: dict[str, Any] = world.cloud.invoke("job_tiers", {"v": 1})
    return answer


def tier(person: Person) -> str:
    return person.slash("tier").text.splitlines()[0]


def test_a_limit_says_which_it_is_and_offers_what_has_room(world: World) -> None:
    filled(world)
    refused = add(world, "late")
    assert refused.private
    assert "Free" in refused.text
    assert f"at most {FREE_CAPPERS} cappers" in refused.text
    assert f"at most {TABLE[Tier.PREMIUM].cappers} cappers" in refused.text
    assert premium_buttons(refused) == [PREMIUM]
    assert len(world.rows("SELECT user_id FROM cappers")) == FREE_CAPPERS
    assert "can post bets" in world.olga.slash("capper add", user=world.ann, name="Ann again").text
    refused.buy()
    told(world)
    assert "can post bets" in add(world, "late").text
    assert "Premium" in tier(world.olga)
    assert (
        f"**Cappers** · {FREE_CAPPERS + 1} there, at most {TABLE[Tier.PREMIUM].cappers}"
        in world.olga.slash("tier").text
    )
    assert premium_buttons(world.olga.slash("tier")) == [PLATINUM]
    assert world.simulator.problems == []


def test_what_was_bought_counts_before_any_event_has_come(world: World) -> None:
    filled(world)
    add(world, "late").buy()
    assert "can post bets" in add(world, "late").text
    assert [row["sku_id"] for row in world.rows("SELECT sku_id FROM entitlements")] == [PREMIUM]
    told(world)
    assert len(world.rows("SELECT sku_id FROM entitlements")) == 1


def test_an_end_leaves_what_is_there_and_stops_growth_after_the_grace(world: World) -> None:
    filled(world)
    bought = add(world, "late").buy(PREMIUM)
    told(world)
    add(world, "late")
    world.simulator.shop.end(int(bought["id"]))
    told(world)
    shown = world.olga.slash("tier")
    assert "Premium" in shown.text
    assert "It ended" in shown.text
    assert premium_buttons(shown) == [PREMIUM, PLATINUM]
    assert "can post bets" in add(world, "in grace").text
    ended = world.clock.now()
    world.database.run(
        lambda session: session.execute(
            "UPDATE entitlements SET ends_at = %s WHERE guild_id = %s", (ended - GRACE, world.guild.id)
        )
    )
    assert "Free" in tier(world.olga)
    assert "stops here" in add(world, "too late").text
    there = len(world.rows("SELECT user_id FROM cappers WHERE state = 'active'"))
    assert there == FREE_CAPPERS + 2
    late = world.guild.user("late", role="capper")
    assert "Posted" in world.settled(late.slash("bet", pick="chiefs -3 -110 1u").click("Post")).text


def test_a_refund_counts_at_once_in_whatever_order_the_events_come(world: World) -> None:
    filled(world)
    bought = world.olga.buy(PREMIUM)
    world.cloud.advance(1)
    world.simulator.shop.end(int(bought["id"]), world.clock.now() + timedelta(days=30))
    world.cloud.advance(1)
    world.simulator.shop.refund(int(bought["id"]))
    world.simulator.events.shuffle()
    told(world)
    assert [row["state"] for row in world.rows("SELECT state FROM entitlements")] == ["deleted"]
    assert "Free" in tier(world.olga)
    assert "stops here" in add(world, "late").text


def test_the_nightly_look_finds_what_no_event_told(world: World) -> None:
    client = world.simulator.shop
    bought = client.buy(PLATINUM, {"guild_id": str(world.guild.id), "user_id": str(world.olga.user_id)})
    for number in range(120):  # more than a page, of servers that we are not in
        client.buy(PREMIUM, {"guild_id": str(1_300_000_000_000_000_000 + number)})
    world.simulator.events.shuffle()
    assert look(world) == {"v": 1, "told": 121, "ended": 0, "whole": True}
    client.refund(int(bought["id"]))
    world.cloud.advance(60)
    assert look(world)["ended"] == 1
    assert look(world)["ended"] == 0
    rows = world.rows("SELECT state FROM entitlements WHERE guild_id = %s", world.guild.id)
    assert [row["state"] for row in rows] == ["ended"]


def test_another_server_has_nothing_of_it(world: World) -> None:
    world.olga.buy(PLATINUM)
    told(world)
    elsewhere = world.simulator.guild("Elsewhere")
    assert "Platinum" in tier(world.olga)
    assert "Free" in tier(elsewhere.user("hugo", role="admin"))


def test_nothing_sold_is_everything_free_and_no_button_anywhere(database_url: str) -> None:
    with selling(database_url, DISCORD_SKU_PREMIUM="", DISCORD_SKU_PLATINUM="") as world:
        for number in range(FREE_CAPPERS + 1):
            assert "can post bets" in add(world, f"capper{number}").text
        shown = world.olga.slash("tier")
        assert "Everything is free" in shown.text
        assert premium_buttons(shown) == []
        assert look(world)["told"] == 0
        assert not any("entitlements" in path for _, path, _ in world.simulator.requests)


def test_a_signed_payload_of_another_server_or_person_gives_nothing(world: World) -> None:
    shop = world.simulator.shop
    shop.buy(PREMIUM, {"user_id": str(world.olga.user_id)})
    told(world)
    assert "Free" in tier(world.olga)
    assert world.rows("SELECT sku_id FROM entitlements") == ()


def test_every_limit_is_shown(world: World) -> None:
    shown = world.olga.slash("tier").text
    for limit in Limit:
        most = TABLE[Tier.FREE].most(limit)
        assert str(most) in shown, limit


def test_open_bets_history_and_files_have_the_tiers_bounds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    few = replace(TABLE[Tier.FREE], open_bets=2, export_rows=3)
    monkeypatch.setitem(cast("dict[Tier, Limits]", TABLE), Tier.FREE, few)
    for number in range(2):
        world.settled(world.ann.slash("bet", pick=distinct_pick(number)).click("Post"))
    refused = world.ann.slash("bet", pick=distinct_pick(3)).click("Post")
    assert "at most 2 open bets per capper" in refused.text
    assert premium_buttons(refused) == [PREMIUM]
    old = world.clock.now() - timedelta(days=91)
    world.database.run(
        lambda session: session.execute(
            "UPDATE bets SET state = 'graded', starts_at = %s WHERE guild_id = %s ORDER BY bet_id LIMIT 1",
            (old, world.guild.id),
        )
    )
    shown = world.ann.slash("bets history").text
    assert "There are none" in shown
    assert "last 90 days" in shown
    assert "1 " in world.settled(world.ann.slash("export", format="csv")).text
    world.olga.buy(PLATINUM)
    assert "There are none" not in world.ann.slash("bets history").text
    world.settled(world.ann.slash("bet", pick=distinct_pick(3)).click("Post"))
    assert "shortens" not in world.settled(world.ann.slash("export", format="csv")).text

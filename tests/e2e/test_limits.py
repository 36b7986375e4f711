"""Switches and limits as people and operators meet them: within a minute, with a reason, never in an honest way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from dbsbm.core.aws import Account, Credentials
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.flag_store import FlagStore
from dbsbm.core.flags import Flags, RateLimits, Switch
from dbsbm.core.http import HttpRequest, HttpResponse
from local.cloud.execution import Names
from local.discord_simulator import Person
from tests.e2e.test_tiers import PLATINUM, PREMIUM, SOLD, told
from tests.e2e.world import ODDS_URL, QUIET, SCORES_URL, World, after, nothing_to_report, opened, providers

pytestmark = pytest.mark.slow
BUCKET = Names().of("flags")
LIMITS = RateLimits(
    person={"free": 20, "premium": 30, "platinum": 40},
    guild={"free": 60, "premium": 70, "platinum": 80},
    block_after=5,
    address=10,
)


@pytest.fixture
def asked() -> list[str]:
    """The hosts that feeds ask."""
    return []


@pytest.fixture
def world(database_url: str, redis_url: str, asked: list[str]) -> Iterator[World]:
    def scores(request: HttpRequest) -> HttpResponse:
        asked.append(str(urlsplit(request.url).hostname))
        return HttpResponse(200, {"content-type": "application/json"}, b'{"events":[]}')

    def odds(request: HttpRequest) -> HttpResponse:
        asked.append(str(urlsplit(request.url).hostname))
        return nothing_to_report(request)

    more = {"FLAGS_BUCKET": BUCKET, "REDIS_URL": redis_url}
    with opened(database_url, sources=providers(odds, scores), more=more, catalog=QUIET) as world:
        world.set_up()
        world.gina.slash("bets open")  # the first interaction of an environment is not counted
        yield world


def store(world: World) -> FlagStore:
    account = Account("us-east-1", Credentials("key", "secret"), {"": "http://127.0.0.1"})
    return FlagStore(Bucket(Aws(world.cloud.aws, account), BUCKET))


def publish(world: World, **changes: Any) -> Flags:
    """An operator's change, by when everybody has seen it."""
    flags = store(world)
    before = flags.current()
    done = flags.publish(before, before.following(replace(before, **changes), world.clock.now(), "olga", "a test"))
    after(world, seconds=60)
    return done


def test_a_killed_command_says_what_and_why_within_a_minute(world: World) -> None:
    assert "switched off" not in world.ann.slash("bet", pick="chiefs -3 -110 2u").text
    why = "The odds are wrong today."
    publish(world, commands={"bet": Switch(0, why), "Post": Switch(0, why)})

    seen = world.ann.slash("bet", pick="chiefs -3 -110 3u")
    assert seen.private
    assert seen.text == f"This is switched off for now: {why} The rest works as always."
    assert world.ann.autocomplete("bet", "pick", "chi") == []
    assert "switched off" not in world.ann.slash("bets open").text
    assert len(world.rows("SELECT draft_id FROM drafts")) == 1

    publish(world, commands={})
    assert "chiefs" in world.ann.slash("bet", pick="chiefs -3 -110 3u").text.lower()


def test_a_killed_command_that_answers_late_says_the_same(world: World) -> None:
    publish(world, commands={"leaderboard": Switch(0, "Being mended.")})
    assert "Being mended." in world.settled(world.ann.slash("leaderboard")).text


def test_a_rollout_is_open_for_the_same_communities_each_time(world: World) -> None:
    share = next(n for n in range(1, 101) if Switch(n, "").on_for("bets", world.guild.id))
    publish(world, commands={"bets": Switch(share - 1, "It opens next week.")} if share > 1 else {})
    if share > 1:
        assert world.ann.slash("bets open").text == "This is not open for your server yet: It opens next week."
    publish(world, commands={"bets": Switch(share, "It opens next week.")})
    assert "not open" not in world.ann.slash("bets open").text


def test_a_killed_provider_is_asked_nothing(world: World, asked: list[str]) -> None:
    publish(world, providers={"espn": "It answers nonsense.", "the_odds_api": "Paid up."})
    asked.clear()
    after(world, minutes=20)
    for name in ("feed_espn", "feed_odds_api"):
        done = world.cloud.invoke(name, {"v": 1, "leagues": ["nfl"]})
        assert "switched off by an operator" in done["disabled"]
    assert asked == []
    publish(world, providers={})
    for name in ("feed_espn", "feed_odds_api"):
        world.cloud.invoke(name, {"v": 1, "leagues": ["nfl"]})
    assert set(asked) == {urlsplit(ODDS_URL).hostname, urlsplit(SCORES_URL).hostname}


def test_whoever_is_too_fast_is_told_when_to_come_again(world: World) -> None:
    publish(world, limits=LIMITS)
    told = [world.bob.slash("bets open").text for _ in range(46)]
    assert told[39] == told[0], "forty are his"
    assert told[40] == "That was faster than we can follow. Nothing was stored; try again in 60 seconds."
    assert told[44].startswith("That was far more than anybody clicks")
    assert told[45].endswith("it works again in 5 minutes.")
    assert "faster" not in world.ann.slash("bets open").text, "others are not meant"
    after(world, minutes=5)
    assert world.bob.slash("bets open").text == told[0]


def test_what_costs_more_is_counted_as_more(world: World) -> None:
    publish(world, limits=replace(LIMITS, costs={"bets": 20}))
    assert ["faster" in world.bob.slash("bets open").text for _ in range(3)] == [False, False, True]


def test_each_tier_has_room_of_its_own(database_url: str, redis_url: str) -> None:
    """Nothing bought, premium, platinum: what a person may do in a minute, and a community's people together."""
    limits = replace(LIMITS, guild={"free": 25, "premium": 36, "platinum": 50})
    with opened(database_url, more={"FLAGS_BUCKET": BUCKET, "REDIS_URL": redis_url, **SOLD}) as world:
        world.set_up()
        world.gina.slash("bets open")
        publish(world, limits=limits)
        assert (room(world, world.bob), room(world, world.gina)) == (20, 5)
        for sku, person, others in ((PREMIUM, 30, 6), (PLATINUM, 40, 10)):
            world.olga.buy(sku)
            told(world)
            after(world, seconds=60)
            assert (room(world, world.bob), room(world, world.gina)) == (person, others)


def room(world: World, person: Person) -> int:
    """How often somebody gets through before being told to wait."""
    return next(n for n in range(60) if "busier" in (said := person.slash("bets open").text) or "faster" in said)


def test_a_community_has_a_limit_of_its_own(world: World) -> None:
    publish(world, limits=replace(LIMITS, guild={"free": 10, "premium": 10, "platinum": 10}))
    people = [world.ann, world.bob, world.gina, world.olga]
    told = [people[number % 4].slash("bets open").text for number in range(12)]
    assert ["busier" in text for text in told] == [False] * 10 + [True] * 2


def test_thirty_grades_on_a_sunday_night_are_nobodys_trouble(world: World) -> None:
    for half in range(30):
        world.ann.slash("bet", pick=f"chiefs -{half / 2 + 1:g} -110 2u").click("Post")
        if half % 10 == 9:
            after(world, minutes=2)
    slips = world.slips(world.gina)
    assert len(slips) == 30
    told = [each.by(world.gina).click("⋯") for each in slips]
    assert all("faster" not in each.text and "busier" not in each.text for each in told)


def test_over_http_an_address_is_told_with_429(world: World) -> None:
    publish(world, limits=LIMITS)
    answers = [world.cloud.http(HttpRequest("GET", "https://x.example/health")) for _ in range(11)]
    assert [each.status for each in answers] == [200] * 10 + [429]
    assert (answers[-1].headers["retry-after"], answers[-1].headers["cache-control"]) == ("60", "no-store")
    after(world, seconds=60)
    assert world.cloud.http(HttpRequest("GET", "https://x.example/health")).status == 200


def test_every_version_of_the_flags_is_in_the_audit_log_once(world: World) -> None:
    publish(world, commands={"weather": Switch(25, "A quarter has it.")})
    publish(world, commands={})
    world.cloud.invoke("job_audit_sequence", {})
    world.cloud.invoke("job_audit_sequence", {})
    rows = world.rows("SELECT guild_id, details FROM audit_events WHERE kind = 'flags.published'")
    documents = [store(world).document(number) or b"" for number in (1, 2)]
    noted = sorted((json.loads(row["details"]) for row in rows), key=lambda details: details["version"])
    assert noted == [
        {"version": number, "digest": hashlib.sha256(document).hexdigest()}
        for number, document in enumerate(documents, start=1)
    ]
    assert {row["guild_id"] for row in rows} == {0}
    publish(world, limits=LIMITS)
    world.cloud.invoke("job_audit_sequence", {})
    assert world.rows("SELECT COUNT(*) AS n FROM audit_events WHERE kind = 'flags.published'")[0]["n"] == 3

"""The canary flies by the road that people's interactions take, and its key opens nothing but its own guild."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from nacl.bindings import crypto_sign_seed_keypair

from dbsbm.core.http import HttpRequest, HttpResponse, TransportError
from dbsbm.core.ids import Ids
from dbsbm.health.canary import Canary
from infra.catalog import CATALOG
from local.cloud import Faults
from tests.e2e.world import World, opened

SEED = b"the canary's own, in these tests"
URL = "https://bot.example/discord/interactions"
EVENT = {"source": "schedule"}


@pytest.fixture
def world(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Discord sends its interactions to ``URL``, which the network leads to this cloud."""
    canary = {
        "CANARY_KEY": base64.b64encode(SEED).decode(),
        "CANARY_PUBLIC_KEY": crypto_sign_seed_keypair(SEED)[0].hex(),
        "CANARY_GUILD_ID": "900000000000000001",
    }
    with opened(database_url, more=canary, catalog=CATALOG) as world:
        handle = world.simulator.handle

        def led(request: HttpRequest) -> HttpResponse:
            return (world.cloud.http if request.url.startswith(URL) else handle)(request)

        monkeypatch.setattr(world.simulator, "handle", led)
        world.simulator.application["interactions_endpoint_url"] = URL
        yield world


def failed(world: World) -> str:
    return str(world.cloud.invoke("job_canary", EVENT)["failed"])


def emitted(world: World, name: str) -> list[Any]:
    return [line[name] for line in world.cloud.logs("job_canary") if name in line]


def test_it_flies_each_minute_and_is_counted_apart_from_people(world: World) -> None:
    world.cloud.advance(180)
    doors = [line for line in world.cloud.logs("interactions") if line.get("route") == "tier"]
    assert len(doors) == len(emitted(world, "canary_ms")) == 3
    assert {(line["by"], line["outcome"]) for line in doors} == {("canary", "answered")}
    assert not any("interactions" in line for line in world.cloud.logs("interactions"))
    assert emitted(world, "canary_failures") == []
    world.ann.slash("schedule", league="nfl")
    assert [line["interactions"] for line in world.cloud.logs("interactions") if "interactions" in line] == [1]


def test_its_key_opens_no_other_guild_and_no_direct_message(world: World) -> None:
    seen: list[HttpResponse] = []

    def carry(request: HttpRequest) -> HttpResponse:
        seen.append(world.cloud.http(request))
        return seen[-1]

    for guild in (str(world.guild.id), "900000000000000002", ""):
        canary = Canary(SEED, guild, "1100000000000000001", carry, world.clock, Ids(world.clock))
        assert canary.fly(URL, lambda _text: True).failed == "command"
    assert [answer.status for answer in seen] == [200, 401] * 3, "the PING, and nothing else"
    assert world.rows("SELECT interaction_id FROM interactions") == ()


def test_a_discord_that_points_nowhere_is_told(world: World) -> None:
    world.simulator.application["interactions_endpoint_url"] = None
    assert failed(world) == "endpoint"
    assert emitted(world, "canary_failures") == [1]


def test_another_address_than_ours_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = "https://somebody.example/discord/interactions"
    handle = world.simulator.handle

    def led(request: HttpRequest) -> HttpResponse:
        if urlsplit(request.url).hostname == "somebody.example":
            return HttpResponse(401, {}, json.dumps({"error": "invalid request signature"}).encode())
        return handle(request)

    monkeypatch.setattr(world.simulator, "handle", led)
    world.simulator.application["interactions_endpoint_url"] = elsewhere
    assert failed(world) == "ping"


def test_a_front_door_that_is_not_reached_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    handle = world.simulator.handle

    def led(request: HttpRequest) -> HttpResponse:
        if request.url.startswith(URL):
            raise TransportError("refused", sent=False)
        return handle(request)

    monkeypatch.setattr(world.simulator, "handle", led)
    assert failed(world) == "ping"


def test_a_command_that_is_not_answered_is_told(world: World) -> None:
    world.cloud.arm(Faults.drop("invoke"))
    assert failed(world) == "command"
    world.cloud.arm(Faults())
    assert failed(world) == ""


def test_a_database_that_is_away_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    import pymysql  # noqa: PLC0415

    def refuse(*_: object) -> None:
        raise pymysql.err.OperationalError(2003, "Can't connect")

    monkeypatch.setattr("dbsbm.database.connection.connect_from_url", refuse)
    assert failed(world) == "command"
    assert "try again" not in json.dumps(emitted(world, "canary_failures"))


def test_a_discord_that_does_not_answer_is_no_failure_of_ours(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.simulator, "handle", lambda _request: HttpResponse(503))
    assert failed(world) == ""


def test_without_a_guild_only_the_address_is_looked_at(database_url: str) -> None:
    with opened(database_url, catalog=CATALOG) as world:
        world.simulator.application["interactions_endpoint_url"] = URL
        assert world.cloud.invoke("job_canary", EVENT) == {"v": 1, "failed": "", "set_up": False}
        world.simulator.application["interactions_endpoint_url"] = None
        assert failed(world) == "endpoint"

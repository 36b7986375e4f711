"""Discord's webhook events and the health check, on a real database."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from api.handler import handler as health
from dbsbm.environment import Environment, installed
from dbsbm.wiring import build
from discord_events.handler import handler
from tests.integration.moments import HandClock
from tests.signed import KEY, NOW, OTHER_SECRET, event

MOMENT = datetime.fromtimestamp(NOW, UTC)


def _environment(database_url: str) -> Environment:
    environ = {"DATABASE_URL": database_url, "DISCORD_PUBLIC_KEY": KEY.hex()}
    return build(environ, clock=HandClock(MOMENT))


def _sent(environment: Environment, document: Any, **how: Any) -> int:
    with installed(environment):
        response = handler(event(json.dumps(document).encode(), **how), None)
    assert response["headers"]["content-type"] == "application/json"
    assert bool(response["body"]) == (response["statusCode"] != 204)
    return int(response["statusCode"])


def _authorized(guild_id: str | None = "77", integration_type: int = 0) -> dict[str, Any]:
    data: dict[str, Any] = {"integration_type": integration_type, "user": {"id": "9"}, "scopes": ["bot"]}
    if guild_id is not None:
        data["guild"] = {"id": guild_id}
    happened = {"type": "APPLICATION_AUTHORIZED", "timestamp": "2026-09-21T14:13:20Z", "data": data}
    return {"version": 1, "application_id": "1", "type": 1, "event": happened}


def _guilds(environment: Environment) -> list[int]:
    with environment.database.read() as session:
        return [row["guild_id"] for row in session.all("SELECT guild_id FROM guilds ORDER BY guild_id")]


def test_a_ping_is_acknowledged_without_a_body(database_url: str) -> None:
    assert _sent(_environment(database_url), {"version": 1, "application_id": "1", "type": 0}) == 204


def test_an_install_delivered_twice_makes_one_guild(database_url: str) -> None:
    environment = _environment(database_url)
    assert [_sent(environment, _authorized()) for _ in range(2)] == [204, 204]
    assert _guilds(environment) == [77]


@pytest.mark.parametrize(
    "document",
    [
        _authorized(None),
        _authorized("77", integration_type=1),
        {"type": 1, "event": {"type": "ENTITLEMENT_CREATE", "data": {"id": "1"}}},
        {"type": 1, "event": {"type": "APPLICATION_DEAUTHORIZED", "data": {"user": {"id": "1"}}}},
        {"type": 1, "event": {"type": "SOMETHING\nNEW"}},
    ],
)
def test_other_events_are_acknowledged_and_change_nothing(database_url: str, document: dict[str, Any]) -> None:
    environment = _environment(database_url)
    assert _sent(environment, document) == 204
    assert _guilds(environment) == []


def _bought(**fields: Any) -> dict[str, Any]:
    data = {"id": "5", "sku_id": "11", "guild_id": "77", "starts_at": None, "ends_at": None, "deleted": False, **fields}
    happened = {"type": "ENTITLEMENT_CREATE", "timestamp": "2026-09-21T14:13:20Z", "data": data}
    return {"version": 1, "application_id": "1", "type": 1, "event": happened}


def test_a_purchase_delivered_twice_is_one(database_url: str) -> None:
    environment = _environment(database_url)
    assert [_sent(environment, _bought()) for _ in range(2)] == [204, 204]
    with environment.database.read() as session:
        rows = session.all("SELECT guild_id, entitlement_id, sku_id, state FROM entitlements")
    assert [tuple(row.values()) for row in rows] == [(77, 5, 11, "live")]


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"type": 2},
        _bought(id="x"),
        _bought(ends_at="tomorrow"),
        _bought(guild_id="9" * 30),
        {"type": 1},
        {"type": 1, "event": []},
        _authorized("x"),
        _authorized("-1"),
        _authorized("9" * 30),
    ],
)
def test_signed_nonsense_is_400(database_url: str, document: dict[str, Any]) -> None:
    assert _sent(_environment(database_url), document) == 400


def test_what_discord_did_not_sign_is_401(database_url: str) -> None:
    environment = _environment(database_url)
    assert _sent(environment, _authorized(), secret=OTHER_SECRET) == 401
    assert _sent(environment, _authorized(), at=NOW - 901) == 401
    assert _guilds(environment) == []


def test_without_a_database_discord_is_asked_to_come_again() -> None:
    environment = _environment("mysql://root@127.0.0.1:1/nowhere")
    assert _sent(environment, _authorized()) == 503


def test_health_names_what_is_down(database_url: str) -> None:
    with installed(_environment(database_url)):
        up = health({}, None)
    with installed(_environment("mysql://root@127.0.0.1:1/nowhere")):
        down = health({}, None)
    assert (up["statusCode"], json.loads(up["body"])) == (200, {"status": "ok"})
    assert (down["statusCode"], json.loads(down["body"])) == (503, {"status": "down", "down": ["database"]})

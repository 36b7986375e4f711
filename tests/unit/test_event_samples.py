"""The HTTP samples of ``events/`` are what the functions behind the HTTP API take."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dbsbm.discord.routes import load
from infra.catalog import CATALOG, HttpRoute
from interactions.front_door import FrontDoor
from tests.signed import ENVIRON, TIMESTAMP

EVENTS = Path(__file__).parent.parent.parent / "events"


def _sample(name: str) -> dict[str, Any]:
    sample: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return sample


@pytest.mark.parametrize("name", ["interactions", "discord_events", "api"])
def test_a_sample_comes_by_its_functions_own_route(name: str) -> None:
    sample = _sample(name)
    routes = [trigger for trigger in CATALOG.function(name).triggers if isinstance(trigger, HttpRoute)]
    assert sample["routeKey"] in {f"{route.method} {route.path}" for route in routes}


def test_the_signed_samples_are_taken_by_the_front_door() -> None:
    asked: list[str] = []

    def invoke(function: str, payload: dict[str, Any], *, asynchronous: bool, timeout_s: float) -> dict[str, Any]:
        asked.append(f"{function} {payload['route']}")
        return {"v": 1, "kind": "message", "data": {"flags": 64}, "images": []}

    ping, bet = _sample("interactions_ping"), _sample("interactions")
    at = float(bet["headers"][TIMESTAMP])
    door = FrontDoor.from_environ(ENVIRON, now=lambda: at, invoke=invoke, log=len)
    assert json.loads(door(ping)["body"]) == {"type": 1}
    assert json.loads(door(bet)["body"]) == {"type": 4, "data": {"flags": 64}}
    assert asked == [f"{load().commands['bet'].function} bet"]

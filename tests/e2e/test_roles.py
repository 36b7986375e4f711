"""The calls to AWS that only a provider's answer, a first run or an operator brings about."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from dbsbm.core.http import HttpRequest, HttpResponse
from local.cloud import FunctionError
from tests.e2e.world import NOW, ODDS_URL, QUIET, World, opened

MORE = {
    "WEATHER_API_BASE_URL": f"{ODDS_URL}/weather",
    "WEATHER_API_KEY": "weather-key",
    "API_SPORTS_BASE_URL": f"{ODDS_URL}/sports",
    "API_SPORTS_KEY": "sports-key",
    "OPERATIONS_TOKEN": "operations",
    "FLAGS_BUCKET": "dbsbm-local-flags",
}


def sources(request: HttpRequest) -> HttpResponse:
    """No forecast, no game, no score."""
    path = urlsplit(request.url).path
    if path.startswith("/weather"):
        return HttpResponse(503)
    if path.startswith("/sports"):
        body: object = {"errors": [], "response": []}
    else:
        body = {"events": []} if "scoreboard" in path else []
    return HttpResponse(200, {"content-type": "application/json"}, json.dumps(body).encode())


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url, sources=sources, more=MORE, catalog=QUIET) as made:
        yield made


def _objects(world: World) -> list[str]:
    listed = world.cloud._backend.aws()(HttpRequest("GET", "http://127.0.0.1/dbsbm-local-feeds?list-type=2"))
    return listed.body.decode().split("<Key>")[1:]


def test_scores_are_kept_as_they_were_sent(world: World) -> None:
    world.game(away="Denver Broncos", home="Kansas City Chiefs", starts_at=NOW - timedelta(hours=1))
    world.cloud.invoke("feed_api_sports", {"v": 1, "leagues": ["nfl"]})
    assert _objects(world)


def test_the_weather_is_asked_for_with_its_key(world: World) -> None:
    world.game(away="Denver Broncos", home="Kansas City Chiefs", starts_at=NOW + timedelta(hours=6))
    with pytest.raises(FunctionError, match="provider_unavailable"):
        world.cloud.invoke("feed_weather", {})


def test_the_operations_token_opens_what_operators_read(world: World) -> None:
    def asked(token: str) -> int:
        headers = {"authorization": f"Bearer {token}"}
        return world.cloud.http(HttpRequest("GET", "http://x/metrics", headers)).status

    assert (asked("operations"), asked("another")) == (200, 401)


def test_the_signer_finds_nothing_to_sign_before_the_first_entry(world: World) -> None:
    assert world.cloud.invoke("job_audit_sign", {}) is None


def test_commands_look_for_flags_that_were_never_published(world: World) -> None:
    world.set_up()
    assert world.bob.slash("schedule", league="nfl")
    assert world.bob.slash("stats")
    world.cloud.run_until_idle()

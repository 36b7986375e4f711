"""``./dev doctor`` names each thing that is broken, and says what to do about it; what is well it leaves in peace."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.stub import Stubber
from moto import mock_aws

from dbsbm.core.http import HttpRequest, HttpResponse, TransportError
from dbsbm.database.migrate import migrate, migrations
from local.deploy.account import Account, DeployError
from local.deploy.dependencies import CURES, of_stage
from local.deploy.steps import STEPS, Deployment
from local.discord_simulator.server import SimulatorServer
from local.run.dependencies import findings
from local.run.doctor import Finding
from local.servers import ROOT
from tests.e2e.world import World, opened, settings_of

NOW = 1_790_000_000.0
ENDPOINT = "https://tunnel.example/discord/interactions"
PROVIDERS = {
    "ODDS_API_BASE_URL": "https://odds.example",
    "WEATHER_API_BASE_URL": "https://weather.example",
    "API_SPORTS_BASE_URL": "https://{host}.sports.example",
}
KEYS = {"ODDS_API_KEY": "good", "WEATHER_API_KEY": "good", "API_SPORTS_KEY": "good"}


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        world.simulator.application["interactions_endpoint_url"] = ENDPOINT
        yield world


@pytest.fixture
def environ(world: World, database_url: str, redis_url: str) -> dict[str, str]:
    """Everything named, everything well."""
    return {**settings_of(world.simulator, database_url), **PROVIDERS, **KEYS, "REDIS_URL": redis_url}


class Outside:
    """Discord, which points at our front door, and three providers that take the key ``good``."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.off_s = 0.0
        self.away: set[str] = set()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        host = str(urlsplit(request.url).hostname)
        if host in self.away:
            raise TransportError(f"{host}: connection refused", sent=False)
        if host == "tunnel.example":
            return self.world.cloud.http(request)
        if host.endswith(".example"):
            good = "=good" in request.url or request.headers.get("x-apisports-key") == "good"
            return HttpResponse(200 if good else 401, {}, b"{}")
        answer = self.world.simulator.handle(request)
        date = format_datetime(datetime.fromtimestamp(NOW - self.off_s, UTC), usegmt=True)
        return HttpResponse(answer.status, {**answer.headers, "date": date}, answer.body)


@pytest.fixture
def outside(world: World) -> Outside:
    return Outside(world)


def found(environ: Mapping[str, str], outside: Outside) -> dict[str, Finding]:
    return {each.what: each for each in findings(environ, outside, lambda: NOW)}


def broken(environ: Mapping[str, str], outside: Outside) -> dict[str, str]:
    return {what: each.detail for what, each in found(environ, outside).items() if each.good is False}


def test_what_is_well_is_ok(environ: dict[str, str], outside: Outside) -> None:
    well = found(environ, outside)
    assert {what: each.good for what, each in well.items()} == dict.fromkeys(
        ("settings", "database", "cache", "discord", "clock", "endpoint", "odds-api", "weather-api", "api-sports"), True
    )
    assert not [each for each in well.values() if "good" in each.detail or environ["DISCORD_BOT_TOKEN"] in each.detail]


@pytest.mark.parametrize(
    ("wrong", "what", "said"),
    [
        ({"DISCORD_BOT_TOKN": "x"}, "settings", "DISCORD_BOT_TOKEN is meant"),
        ({"ODDS_API_MONTHLY_CREDITS": "many"}, "settings", "ODDS_API_MONTHLY_CREDITS"),
        ({"DATABASE_URL": "mysql://root@127.0.0.1:1/dbsbm"}, "database", "is it running"),
        ({"DATABASE_URL": "postgres://127.0.0.1/dbsbm"}, "database", "must look like mysql://"),
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, "cache", "works without it, more slowly"),
        ({"REDIS_URL": "http://127.0.0.1:1/0"}, "cache", "must look like redis://"),
        ({"DISCORD_BOT_TOKEN": "revoked"}, "discord", "Reset Token"),
        ({"DISCORD_APPLICATION_ID": "1100000000000000009"}, "discord", "DISCORD_APPLICATION_ID is 1100000000000000009"),
        ({"DISCORD_PUBLIC_KEY": "ab" * 32}, "discord", "put it into DISCORD_PUBLIC_KEY"),
        ({"ODDS_API_KEY": "bad"}, "odds-api", "./dev secrets stage odds-api-key"),
        ({"WEATHER_API_KEY": "bad"}, "weather-api", "WEATHER_API_KEY"),
        ({"API_SPORTS_KEY": "bad"}, "api-sports", "API_SPORTS_KEY"),
    ],
)
def test_each_broken_dependency_is_named_with_the_cure(
    environ: dict[str, str], outside: Outside, wrong: dict[str, str], what: str, said: str
) -> None:
    wrongs = broken({**environ, **wrong}, outside)
    assert list(wrongs) == [what]
    assert said in wrongs[what]


def test_a_schema_that_is_behind_or_ahead_is_named(environ: dict[str, str], outside: Outside, world: World) -> None:
    newest = len(migrations())
    migrate(environ["DATABASE_URL"], to=newest - 1)
    assert "./dev migrate" in broken(environ, outside)["database"]
    migrate(environ["DATABASE_URL"])
    world.database.run(
        lambda session: session.execute("UPDATE schema_migrations SET version = %s WHERE version = %s", (999, newest))
    )
    assert "migration 999 is unknown here" in broken(environ, outside)["database"]
    world.database.run(
        lambda session: session.execute("UPDATE schema_migrations SET version = %s WHERE version = %s", (newest, 999))
    )


def test_an_empty_schema_is_looked_at_and_left_empty(
    environ: dict[str, str], outside: Outside, empty_database_url: str
) -> None:
    empty = {**environ, "DATABASE_URL": empty_database_url}
    for _ in range(2):
        assert "migration 0 of" in broken(empty, outside)["database"]


def test_an_endpoint_that_is_missing_away_or_not_ours_is_named(
    environ: dict[str, str], outside: Outside, world: World
) -> None:
    outside.away = {"tunnel.example"}
    assert "does the tunnel lead to it" in broken(environ, outside)["endpoint"]
    world.simulator.application["interactions_endpoint_url"] = "https://weather.example/?key=good"
    assert "something else stands there" in broken(environ, outside)["endpoint"]
    world.simulator.application["interactions_endpoint_url"] = None
    assert "Interactions Endpoint URL" in broken(environ, outside)["endpoint"]


@pytest.mark.parametrize(("off_s", "said"), [(40.0, "40 s ahead of Discord's"), (-400.0, "400 s behind Discord's")])
def test_a_clock_that_is_off_is_named(environ: dict[str, str], outside: Outside, off_s: float, said: str) -> None:
    outside.off_s = off_s
    assert said in broken(environ, outside)["clock"]


def test_who_does_not_answer_is_unknown_and_not_broken(environ: dict[str, str], outside: Outside) -> None:
    outside.away = {"127.0.0.1", "odds.example"}
    assert broken(environ, outside) == {}
    silent = found(environ, outside)
    assert (silent["odds-api"].good, silent["odds-api"].detail) == (None, "nobody answered: not tested")


def test_what_is_not_named_is_none_of_its_business(outside: Outside) -> None:
    assert {each.good for each in found({"PATH": "/bin"}, outside).values()} == {True}


def test_the_command_prints_it_and_ends_with_1(environ: dict[str, str], tmp_path: Path) -> None:
    """As ``./dev doctor`` runs it once the packages are there."""
    own = {**os.environ, "DBSBM_LOCAL_DIR": str(tmp_path), "REDIS_URL": "redis://127.0.0.1:1/0"}
    own["DATABASE_URL"] = environ["DATABASE_URL"]
    command = [sys.executable, "-m", "local.run.dependencies"]
    done = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "  ok       database     answers" in done.stdout
    assert "  broken   cache        " in done.stdout


# A stage.


class Stage(Account):
    """An account whose function ``api`` runs in the world's cloud."""

    def __init__(self, world: World) -> None:
        self.world = world

    def secret(self, name: str) -> str | None:
        told = {"discord-bot-token": self.world.simulator.bot_token, "operations-token": "very-long-token"}
        return told.get(name.rpartition("/")[2])

    def invoke(self, function: str, event: Mapping[str, Any]) -> Any:
        return self.world.cloud.invoke(function.removeprefix("dbsbm-staging-"), dict(event))


@pytest.fixture
def staged(database_url: str) -> Iterator[tuple[World, Deployment]]:
    more = {"OPERATIONS_TOKEN": "very-long-token", "REDIS_URL": "redis://127.0.0.1:1/0"}
    with opened(database_url, more=more) as world:
        server = SimulatorServer(world.simulator, 0)
        server.start()
        known = settings_of(world.simulator, database_url)
        choices = {name: known[name.upper()] for name in ("discord_application_id", "discord_public_key")}
        environ = {"DISCORD_API_BASE_URL": f"http://127.0.0.1:{server.port}/api/v10"}
        yield world, Deployment("staging", choices, Stage(world), lambda _: None, environ)
        server.stop()


def test_a_stage_is_asked_from_within_what_nobody_else_reaches(staged: tuple[World, Deployment]) -> None:
    _, deployment = staged
    told = {each.what: each for each in of_stage(deployment)}
    assert told["database"].good is True
    assert (told["cache"].good, told["cache"].detail.endswith(": docs/runbooks/cache.md")) == (False, True)
    assert told["endpoint"].good is False
    assert told["odds-api"].detail == "not asked: no ODDS_API_KEY"
    assert all((ROOT / cure).exists() for cure in CURES.values() if cure.startswith("docs/"))


def test_a_stage_that_is_not_there_yet_says_so(
    staged: tuple[World, Deployment], monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(*_: object) -> Any:
        raise DeployError("no such function")

    monkeypatch.setattr(Stage, "invoke", absent)
    monkeypatch.setattr(Stage, "secret", lambda *_: None)
    told = {each.what: each for each in of_stage(staged[1])}
    assert (told["from within"].good, told["discord"].good) == (None, None)
    assert "no token yet" in told["discord"].detail


def test_a_deployment_stops_before_anything_shifts_when_discord_refuses_the_token(
    staged: tuple[World, Deployment], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, deployment = staged
    limit = {"AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 1000}}
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws(), Stubber(deployment.account.client("lambda")) as stub:
        for _ in range(4):
            stub.add_response("get_account_settings", limit, {})
        assert "Discord takes the token" in STEPS["doctor"](deployment)
        monkeypatch.setattr(Stage, "secret", lambda *_: "revoked")
        with pytest.raises(DeployError, match="Reset Token"):
            STEPS["doctor"](deployment)

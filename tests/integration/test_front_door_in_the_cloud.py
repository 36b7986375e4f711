"""The front door behind the HTTP API of both clouds: Discord's own check, an inline answer, a hand-off."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Literal

import pytest

from dbsbm import commands
from dbsbm.core.clock import SystemClock
from dbsbm.discord.definitions import REGISTRY
from dbsbm.discord.registration import registration, sync
from dbsbm.discord.rest import DiscordClient
from local.cloud import Cloud, Faults
from local.cloud.clock import VirtualClock
from local.discord_simulator import Simulator
from local.discord_simulator.server import SimulatorServer

Mode = Literal["in_process", "processes"]


@contextmanager
def _stage(database_url: str, mode: Mode, faults: Faults | None = None) -> Iterator[tuple[Cloud, Simulator]]:
    clock = VirtualClock(datetime(2026, 9, 13, 15, tzinfo=UTC)) if mode == "in_process" else None
    simulator = Simulator(clock or SystemClock(), seed=1)
    server = SimulatorServer(simulator, 0)
    server.start()
    settings = {
        "DATABASE_URL": database_url,
        "REDIS_URL": "",
        "DISCORD_PUBLIC_KEY": simulator.public_key_hex,
        "DISCORD_FRESHNESS_S": "300",
        "DISCORD_APPLICATION_ID": str(simulator.application_id),
        "DISCORD_API_BASE_URL": f"http://127.0.0.1:{server.port}/api/v10",
        "DISCORD_BOT_TOKEN": simulator.bot_token,
        "TOKEN_KEY": base64.b64encode(bytes(32)).decode(),
        "ODDS_API_BASE_URL": "http://127.0.0.1:1",
        "ODDS_API_KEY": "unused",
    }
    with ExitStack() as stack:
        stack.callback(server.stop)
        cloud = stack.enter_context(
            Cloud(mode=mode, clock=clock, faults=faults, settings=settings, outside=simulator.handle)
        )
        simulator.connect(cloud.http)
        commands.load()
        client = DiscordClient(simulator.handle, "http://discord.test/api/v10", lambda: simulator.bot_token)
        sync(registration(REGISTRY), client, simulator.application_id)
        yield cloud, simulator
        cloud.run_until_idle()


def _outcomes(cloud: Cloud) -> list[str]:
    return [record["outcome"] for record in cloud.logs("interactions") if "outcome" in record]


@pytest.mark.parametrize("mode", ["in_process", "processes"])
def test_discord_takes_the_endpoint_and_a_slow_command_is_handed_off(database_url: str, mode: Mode) -> None:
    with _stage(database_url, mode) as (cloud, simulator):
        assert simulator.validate_endpoint() == []
        seen = simulator.guild("Sharp Side").user("ann").slash("stats")
        assert _outcomes(cloud) == ["pong", "refused", "deferred"]
        cloud.run_until_idle()
        assert seen.text
        assert "thinking" not in seen.text


def test_an_inline_command_is_answered_with_what_its_function_said(database_url: str) -> None:
    with _stage(database_url, "in_process") as (cloud, simulator):
        seen = simulator.guild("Sharp Side").user("ann").slash("capper list")
        assert seen.text
        assert "thinking" not in seen.text
        assert _outcomes(cloud) == ["answered"]


def test_a_command_whose_function_dies_is_handed_off_and_deferred(database_url: str) -> None:
    # Crossing 1 is the front door's own invocation, 2 the function's first statement.
    with _stage(database_url, "in_process", Faults.kill(crossing=2)) as (cloud, simulator):
        simulator.guild("Sharp Side").user("ann").slash("capper list")
        assert _outcomes(cloud) == ["deferred"]

"""The whole system in real processes: one interaction delivered a thousand times, and kills at seeded moments."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from random import Random
from typing import cast

import pytest

from dbsbm import commands
from dbsbm.core.clock import Clock
from dbsbm.core.http import HttpRequest, HttpResponse
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from dbsbm.discord.definitions import REGISTRY
from dbsbm.discord.registration import registration, sync
from dbsbm.discord.rest import DiscordClient
from local.cloud import Cloud, VirtualClock
from local.discord_simulator import Simulator
from local.discord_simulator.server import SimulatorServer
from tests.e2e.world import DISCORD_URL, NOW, World

pytestmark = pytest.mark.slow
DELIVERIES, AT_ONCE, KILLS = 1000, 50, 20
KILLED = ("command_betting", "delivery")


class _CloudsClock:
    """The cloud's clock for the simulator, which must exist before the cloud."""

    def __init__(self) -> None:
        self.real: Clock = VirtualClock(NOW)

    def now(self) -> datetime:
        return self.real.now()

    def sleep(self, seconds: float) -> None:
        self.real.sleep(seconds)


class _Running:
    """A world in processes, and every request that Discord sent to it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.requests: list[HttpRequest] = []
        world.simulator.connect(self._carried)

    def _carried(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        return self.world.cloud.http(request)

    def bets(self) -> int:
        return int(self.world.rows("SELECT COUNT(*) AS n FROM bets")[0]["n"])


@pytest.fixture
def running(database_url: str, redis_url: str) -> Iterator[_Running]:
    commands.load()
    clock = _CloudsClock()
    simulator = Simulator(clock, 0)
    with contextlib.ExitStack() as stack:
        server = SimulatorServer(simulator, 0)
        server.start()
        stack.callback(server.stop)
        settings = {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "DISCORD_PUBLIC_KEY": simulator.public_key_hex,
            "DISCORD_APPLICATION_ID": str(simulator.application_id),
            "DISCORD_API_BASE_URL": f"http://127.0.0.1:{server.port}/api/v10",
            "DISCORD_BOT_TOKEN": simulator.bot_token,
            "ODDS_API_BASE_URL": "http://127.0.0.1:9",  # nobody listens: the feed fails at once
            "ODDS_API_KEY": "key",
        }
        cloud = stack.enter_context(Cloud(clock=VirtualClock(NOW), mode="processes", settings=settings))
        clock.real = cloud.clock
        database = Database(lambda: connect_from_url(database_url), cloud.clock)
        stack.callback(database.close)
        client = DiscordClient(simulator.handle, DISCORD_URL, lambda: simulator.bot_token)
        sync(registration(REGISTRY), client, simulator.application_id)
        guild = simulator.guild("Sharp Side")
        guild.channel("slips")
        world = World(
            cloud=cloud,
            simulator=simulator,
            clock=cast(VirtualClock, cloud.clock),
            database=database,
            guild=guild,
            olga=guild.user("olga", role="admin"),
            ann=guild.user("ann", role="capper", nick="Ann the Sharp"),
            bob=guild.user("bob"),
            gina=guild.user("gina", role="grader"),
        )
        made = _Running(world)
        world.set_up()
        yield made


def test_a_thousand_identical_deliveries_are_one_bet(running: _Running) -> None:
    world = running.world
    preview = world.settled(world.ann.slash("bet", pick="chiefs -3 -110 2u"))
    world.settled(preview.click("Post"))
    posting = running.requests[-1]
    assert running.bets() == 1
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _: world.cloud.http(posting), range(DELIVERIES)))
    assert {answer.status for answer in answers} == {200}
    world.cloud.run_until_idle()
    assert running.bets() == 1
    assert len(world.guild.channel("slips").seen_by(world.bob)) == 1


def test_kill_nine_at_twenty_seeded_moments_loses_and_doubles_nothing(running: _Running) -> None:
    """The front door is spared: after its death delivery retries the lost answer for up to a minute of real time."""
    world, random, killed = running.world, Random(20), 0
    for number in range(1, KILLS + 1):
        preview = world.settled(world.ann.slash("bet", pick=f"chiefs -3 -110 {number}u"))
        clicking = threading.Thread(target=lambda shown=preview: shown.click("Post"))
        clicking.start()
        clicking.join(random.uniform(0.0, 0.06))  # the moment is what varies
        killed += sum(world.cloud.kill_running(name) for name in KILLED)
        clicking.join()
        world.cloud.advance(200)
        if running.bets() < number:  # the person saw an error and presses again
            world.settled(world.ann.slash("bet", pick=f"chiefs -3 -110 {number}u")).click("Post")
            world.cloud.advance(200)
        assert running.bets() == number
        assert len(world.guild.channel("slips").seen_by(world.bob)) == number
    print(f"{killed} processes killed at {KILLS} moments")  # noqa: T201 — what was covered belongs into the report
    assert killed > 0

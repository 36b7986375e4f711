"""The same world with every function in processes of AWS's own runtime client, Discord's API over HTTP."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from local.cloud import Cloud, VirtualClock
from local.cloud.clock import TravelClock
from local.discord_simulator import Simulator
from local.discord_simulator.server import SimulatorServer
from tests.e2e.world import NOW, World, on_schedule, peopled, settings_of

_SWEPT = on_schedule(delivery="rate(1 minute)")
"""Every other schedule would start a process of its own each virtual minute."""
_NOBODY = "http://127.0.0.1:9"


@contextmanager
def opened_in_processes(database_url: str, redis_url: str, more: Mapping[str, str] | None = None) -> Iterator[World]:
    """A world that ends with the block, its processes with it; ``more`` are settings beside the usual ones."""
    with ExitStack() as stack:
        state = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dbsbm-e2e-")))
        clock = TravelClock(state / "clock", NOW)  # the cloud's own file: one time for all
        simulator = Simulator(clock)
        server = SimulatorServer(simulator, 0)
        server.start()
        stack.callback(server.stop)
        settings = settings_of(simulator, database_url) | {
            "REDIS_URL": redis_url,
            "DISCORD_API_BASE_URL": f"http://127.0.0.1:{server.port}/api/v10",
            "ODDS_API_BASE_URL": _NOBODY,
            **(more or {}),
        }
        cloud = stack.enter_context(Cloud(_SWEPT, VirtualClock(NOW), mode="processes", settings=settings, state=state))
        yield from peopled(cloud, simulator, clock, database_url)

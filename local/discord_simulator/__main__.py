"""``python -m local.discord_simulator --port 8090 --endpoint http://127.0.0.1:8080/discord/interactions``."""

from __future__ import annotations

import argparse
import signal
import threading

from dbsbm.core.clock import environment_clock
from local.discord_simulator.server import SimulatorServer, http_endpoint
from local.discord_simulator.simulator import Simulator

_EVENTS_EVERY_S = 1.0


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(description="Discord's API and client for one application, on this machine.")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--endpoint", default="http://127.0.0.1:8080/discord/interactions")
    parser.add_argument("--events", default="http://127.0.0.1:8080/discord/events")
    parser.add_argument("--base-url", default="", help="where the CDN's addresses point; default: this server")
    parser.add_argument("--seed", type=int, default=0, help="fixes keys and tokens")
    parser.add_argument("--sku", action="append", default=[], metavar="ID=NAME", help="a server subscription it sells")
    given = parser.parse_args()
    simulator = Simulator(environment_clock(), given.seed)
    for sku in given.sku:
        sku_id, _, name = sku.partition("=")
        simulator.shop.offer(int(sku_id), name)
    server = SimulatorServer(simulator, given.port)
    simulator.cdn.base_url = given.base_url.rstrip("/") or f"http://127.0.0.1:{server.port}"
    simulator.application |= {"interactions_endpoint_url": given.endpoint, "event_webhooks_url": given.events}
    simulator.endpoint_at = http_endpoint
    simulator.connect(http_endpoint(given.endpoint))
    simulator.events.connect(http_endpoint(given.events))
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    server.start()
    print(f"Discord simulator on http://127.0.0.1:{server.port}/", flush=True)
    while not stop.wait(_EVENTS_EVERY_S):
        simulator.events.run_due()
    server.stop()


if __name__ == "__main__":
    main()

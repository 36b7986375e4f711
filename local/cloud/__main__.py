"""``python -m local.cloud``: serve the catalog until Ctrl-C, with the stage's settings from the environment."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from local.cloud.execution import ROOT
from local.cloud.serving import serve


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m local.cloud", description=__doc__)
    parser.add_argument("--http-port", type=int, default=int(os.environ.get("DBSBM_HTTP_PORT", "8080")))
    parser.add_argument("--endpoint-port", type=int, default=int(os.environ.get("DBSBM_ENDPOINT_PORT", "8085")))
    parser.add_argument("--state", type=Path, default=ROOT / ".local" / "cloud", help="logs and generated secrets")
    arguments = parser.parse_args()
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        served = serve(os.environ, arguments.http_port, arguments.endpoint_port, state=arguments.state)
    except OSError as error:
        sys.exit(f"ports {arguments.http_port} and {arguments.endpoint_port}: {error}")
    print(f"HTTP API {served.http_url}\nAWS      {served.endpoint_url}", flush=True)
    ended.wait()
    served.stop()


if __name__ == "__main__":
    main()

"""``./dev invoke FUNCTION EVENT``: one invocation in the running local cloud, its result printed.

The event is a file, or stands there itself: ``'{"v": 1}'``.

A request signed by Discord is signed anew by the simulator, because a sample's own signature is too old to be taken.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from dbsbm.core.clock import ShiftedClock
from infra.catalog import CATALOG
from local.discord_simulator import Simulator
from local.run.parts import CLOCK
from local.run.state import running
from local.servers import ServerError


def run(arguments: argparse.Namespace) -> int:
    names = [function.name for function in CATALOG.functions]
    if arguments.function not in names:
        raise ServerError(f"no function {arguments.function!r}; there are {', '.join(names)}")
    event = _read(arguments.event)
    settings = running().settings
    document = _signed_anew(event, settings["DISCORD_PUBLIC_KEY"])
    with tempfile.NamedTemporaryFile("w", suffix=".json") as sent:
        json.dump(document, sent)
        sent.flush()
        named = [arguments.function, sent.name, "--endpoint", settings["AWS_ENDPOINT_URL"]]
        return subprocess.run([sys.executable, "-m", "local.cloud.invoke", *named], check=False).returncode


def _read(said: str) -> Any:
    text = said
    if not said.lstrip().startswith("{"):
        file = Path(os.environ.get("DBSBM_CALLED_FROM", ".")) / said
        if not file.is_file():
            raise ServerError(f"{said}: no such file; there are samples in events/")
        text = file.read_text(encoding="utf-8")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ServerError(f"{said}: not JSON: {error}") from error


def _signed_anew(event: Any, public_key: str) -> Any:
    """The event with a signature of now, if it carries one and the simulator holds the key that is asked for."""
    headers = event.get("headers", {}) if isinstance(event, dict) else {}
    if "x-signature-ed25519" not in headers:
        return event
    clock = ShiftedClock(CLOCK)
    simulator = Simulator(clock)
    if simulator.public_key_hex not in public_key.split(","):
        print("signed with another key than the running one: the answer will be 401", file=sys.stderr)
        return event
    stamp = str(int(clock.now().timestamp()))
    signature = simulator.signing_key.sign((stamp + event["body"]).encode()).signature.hex()
    return event | {"headers": headers | {"x-signature-ed25519": signature, "x-signature-timestamp": stamp}}

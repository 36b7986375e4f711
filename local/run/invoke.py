"""``./dev invoke FUNCTION EVENT.json``: one invocation in the running local cloud, its result printed."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from infra.catalog import CATALOG
from local.run.state import running
from local.servers import ServerError


def run(arguments: argparse.Namespace) -> int:
    names = [function.name for function in CATALOG.functions]
    if arguments.function not in names:
        raise ServerError(f"no function {arguments.function!r}; there are {', '.join(names)}")
    event = Path(os.environ.get("DBSBM_CALLED_FROM", ".")) / arguments.event
    if not event.is_file():
        raise ServerError(f"{arguments.event}: no such file; there are samples in events/")
    endpoint = running().settings["AWS_ENDPOINT_URL"]
    command = [sys.executable, "-m", "local.cloud.invoke", arguments.function, str(event), "--endpoint", endpoint]
    return subprocess.run(command, check=False).returncode

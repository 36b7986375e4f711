"""``./dev test``: the whole suite against a throw-away MariaDB; each worker starts its own Redis.

``--nightly`` plays 2,000 evenings under faults instead of 100, looks for leaks over 10,000 invocations, lives every day
of a year instead of five, brings back each of 35 nights, kills retention 100 times at each step and an erasure at each
statement, and draws every picture; ``--coverage`` measures what of the layer was run, by lines and branches, in the
functions' processes too, and prints what was not.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from local.servers import ROOT, THROWAWAY, MariaDB

OVERRIDES = (
    "DATABASE_URL",
    "REDIS_URL",
    "DISCORD_PUBLIC_KEY",
    "DISCORD_APPLICATION_ID",
    "DISCORD_BOT_TOKEN",
    "DISCORD_API_BASE_URL",
    "AWS_ENDPOINT_URL",
)
"""They point ``./dev up`` at real systems; no test may reach those."""
SERVER = "DBSBM_TEST_DATABASE_URL"
NIGHTLY = {
    "DBSBM_FAULT_SEEDS": "2000",
    "DBSBM_LEAK_INVOCATIONS": "10000",
    "DBSBM_ARCHIVE_KILLS": "100",
    "DBSBM_NIGHTLY": "1",
}
COVERAGE = ("--cov", "--cov-report=term-missing:skip-covered")


def run(arguments: argparse.Namespace) -> int:
    words, environment = asked(
        arguments.pytest, {name: value for name, value in os.environ.items() if name not in OVERRIDES}
    )
    if SERVER in environment:
        return _pytest(words, environment)
    with (
        tempfile.TemporaryDirectory(prefix="dbsbm-test-", ignore_cleanup_errors=True) as directory,
        MariaDB(Path(directory), extra=THROWAWAY) as server,
    ):
        return _pytest(words, environment | {SERVER: server.url()})


def asked(typed: Sequence[str], environ: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """What pytest is given of what was typed, and the environment it runs in."""
    measured = COVERAGE if "--coverage" in typed else ()
    nightly = NIGHTLY if "--nightly" in typed else {}
    return [*measured, *(word for word in typed if word not in ("--nightly", "--coverage"))], {**environ, **nightly}


def _pytest(extra: list[str], environment: dict[str, str]) -> int:
    """Run pytest and leave its closing line as the last words."""
    workers = ["-n", str(max(2, min(4, os.cpu_count() or 2))), "--dist", "worksteal"]
    if any(word.startswith(("-n", "--numprocesses", "-p")) or word == "--pdb" for word in extra):
        workers = []
    return subprocess.run(
        [sys.executable, "-m", "pytest", *workers, *extra], cwd=ROOT, env=environment, check=False
    ).returncode

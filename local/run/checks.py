"""``./dev check``: everything that can be said of the source without running it. Side by side on all cores."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from local.servers import ROOT

PYTHON = sys.executable
PRODUCT = ("layers/shared/python", "functions", "infra")
CLOUD = ("infra", "tests/infra")
"""Apart, because the types of the CDK take most of a minute to read when nothing is cached."""


@dataclass(frozen=True)
class Result:
    name: str
    status: int
    output: str
    seconds: float


def run(arguments: argparse.Namespace) -> int:
    checks = _checks()
    unknown = sorted(set(arguments.names) - set(checks))
    if unknown:
        print(f"no check {', '.join(unknown)}; there are {', '.join(checks)}", file=sys.stderr)
        return 2
    started = time.monotonic()
    chosen = {name: command for name, command in checks.items() if not arguments.names or name in arguments.names}
    failed = [result.name for result in _side_by_side(chosen) if result.status != 0]
    seconds = time.monotonic() - started
    if failed:
        print(f"check failed: {', '.join(sorted(failed))} ({seconds:.0f} s)")
        return 1
    print(f"check passed: {len(chosen)} of {len(checks)} ({seconds:.0f} s)")
    return 0


def _checks() -> Mapping[str, Sequence[str]]:
    """The longest first, so that the others fit beside it."""
    tool = str(ROOT / ".venv" / "bin")
    mypy = (PYTHON, "-m", "mypy")
    return {
        "cdk-types": (*mypy, "--cache-dir=.mypy_cache/cdk", *CLOUD),
        "types": (*mypy, f"--exclude=^{CLOUD[1]}/", "layers/shared/python", "functions", "local", "bench", "tests"),
        "bandit": (PYTHON, "-m", "bandit", "--quiet", "-ll", "-c", "pyproject.toml", "-r", *PRODUCT),
        "imports": (f"{tool}/lint-imports", "--no-logo"),
        "audit": (PYTHON, "-m", "local.source_audit"),
        "generated": (PYTHON, "-m", "local.run.generated"),
        "docs": (PYTHON, "-m", "local.run.docs_links"),
        "lint": (f"{tool}/ruff", "check", "."),
        "format": (f"{tool}/ruff", "format", "--check", "."),
    }


def _side_by_side(checks: Mapping[str, Sequence[str]]) -> list[Result]:
    results = []
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        for done in as_completed(pool.submit(_run, name, command) for name, command in checks.items()):
            result = done.result()
            results.append(result)
            word = "ok" if result.status == 0 else "FAILED"
            print(f"  {result.name:<10} {word:<7} {result.seconds:5.1f} s", flush=True)
            if result.status != 0:
                print(result.output.rstrip(), flush=True)
    return results


def _run(name: str, command: Sequence[str]) -> Result:
    started = time.monotonic()
    done = subprocess.run(
        list(command), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return Result(name, done.returncode, done.stdout, time.monotonic() - started)

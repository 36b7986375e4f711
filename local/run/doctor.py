"""``./dev doctor``: what is there and what is missing, and what is broken of what the settings name. Looks only.

This half takes the standard library alone; the other (``dependencies``) is run once the packages are there.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from local.run import packages
from local.run.bootstrap import STAMP, VENV, environment, stamp


class Finding(NamedTuple):
    """``good`` is None where nobody could tell."""

    what: str
    good: bool | None
    detail: str


def main() -> int:
    here = shown(_findings(), "missing")
    if not _fresh():
        return here
    asked = [str(VENV / "bin" / "python"), "-m", "local.run.dependencies"]
    return max(here, subprocess.run(asked, cwd=packages.ROOT, env=environment(), check=False).returncode)


def shown(findings: Iterable[Finding], bad: str) -> int:
    """Print a line for each; 1 when one of them is not good."""
    status = 0
    for what, good, detail in findings:
        print(f"  {'unknown' if good is None else 'ok' if good else bad:<8} {what:<12} {detail}", flush=True)
        status = 1 if good is False else status
    return status


def _fresh() -> bool:
    return STAMP.exists() and STAMP.read_text() == stamp()


def _findings() -> Iterator[Finding]:
    yield Finding("python", sys.version_info >= (3, 11), f"{sys.version.split()[0]} at {sys.executable}")
    yield Finding("venv", _fresh(), str(VENV) if _fresh() else "./dev up, test or check creates or refreshes it")
    for what, program in (("mariadb", packages.MARIADB), ("redis", packages.REDIS), ("chromium", packages.CHROMIUM)):
        yield _program(what, program)
    yield _node()
    for name, usual in (("DBSBM_HTTP_PORT", "8080"), ("DBSBM_DISCORD_PORT", "8090")):
        yield _port(name, os.environ.get(name, usual))


def _program(what: str, program: packages.Program) -> Finding:
    found = packages.find(program)
    if found is None:
        return Finding(
            what, False, f"./dev installs it: {' '.join(program.debian)} (brew: {' '.join(program.homebrew)})"
        )
    return Finding(what, True, f"{_version(found)} at {found}")


def _node() -> Finding:
    found = packages.find(packages.Program("Node", ("node",), (), ()), environment()["PATH"])
    if found is None:
        return Finding("node", False, "comes with the Python packages: ./dev check")
    version = _version(found)
    return Finding("node", version.startswith("v") and int(version[1:].split(".")[0]) >= 22, f"{version} at {found}")


def _version(program: str) -> str:
    shown = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=20)
    return (shown.stdout or shown.stderr).strip().partition("\n")[0][:70]


def _port(name: str, port: str) -> Finding:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except (OSError, ValueError, OverflowError) as error:
            if _up_runs():
                return Finding(f"port {port}", True, "in use by ./dev up")
            return Finding(f"port {port}", False, f"{error}: is ./dev up running? Another one: {name}=…")
    return Finding(f"port {port}", True, "free")


def _up_runs() -> bool:
    """Whether our own ``./dev up`` lives. Reads its file by itself: ``state`` needs packages that may not be here."""
    file = Path(os.environ.get("DBSBM_LOCAL_DIR", packages.ROOT / ".local")) / "state.json"
    try:
        os.kill(json.loads(file.read_text())["pid"], 0)
    except (OSError, ValueError, KeyError):
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())

"""``./dev doctor``: what is there and what is missing. Looks only; standard library alone."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from local.run import packages
from local.run.bootstrap import STAMP, VENV, environment, stamp


class Finding(NamedTuple):
    what: str
    good: bool
    detail: str


def main() -> int:
    findings = list(_findings())
    for what, good, detail in findings:
        print(f"  {'ok' if good else 'missing':<8} {what:<11} {detail}")
    return 0 if all(finding.good for finding in findings) else 1


def _findings() -> Iterator[Finding]:
    yield Finding("python", sys.version_info >= (3, 11), f"{sys.version.split()[0]} at {sys.executable}")
    fresh = STAMP.exists() and STAMP.read_text() == stamp()
    yield Finding("venv", fresh, str(VENV) if fresh else "./dev up, test or check creates or refreshes it")
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

"""``./dev logs``: the logs of the servers and functions, one after the other or as they come."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from local.run.children import tail
from local.run.state import LOGS
from local.servers import ServerError

LINES = 40


def run(arguments: argparse.Namespace) -> int:
    logs = _logs(arguments.name)
    for log in logs:
        print(f"── {log.relative_to(LOGS)}")
        print(tail(log, LINES if arguments.name is None else 1000))
    if arguments.follow:
        _follow(arguments.name)
    return 0


def _logs(name: str | None) -> list[Path]:
    found = sorted(LOGS.rglob("*.log")) + sorted(LOGS.parent.glob("data/*/*.log"))
    chosen = [log for log in found if name is None or log.stem == name]
    if not chosen:
        names = ", ".join(sorted({log.stem for log in found})) or "none yet: ./dev up makes them"
        raise ServerError(f"no log {name or ''}; there are: {names}")
    return chosen


def _follow(name: str | None) -> None:
    read = {log: log.stat().st_size for log in _logs(name)}
    while True:
        for log in _logs(name):
            with log.open(errors="replace") as file:
                size = log.stat().st_size
                file.seek(read.get(log, 0) if read.get(log, 0) <= size else 0)
                for line in file:
                    sys.stdout.write(f"{log.stem} │ {line.rstrip()}\n")
                read[log] = file.tell()
        sys.stdout.flush()
        time.sleep(0.3)

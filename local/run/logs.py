"""``./dev logs``: the logs of servers and functions, one after the other or as they come."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from local.run.children import tail
from local.run.state import LOCAL
from local.servers import ServerError

LINES = 40
ALONE_LINES = 1000
INSTALLING = frozenset({"pip", "install"})
"""Shown only when asked for by name."""


def run(arguments: argparse.Namespace) -> int:
    for log in _logs(arguments.name):
        text = tail(log, LINES if arguments.name is None else ALONE_LINES)
        if text:
            print(f"── {log.stem}\n{text}")
    if arguments.follow:
        _follow(arguments.name)
    return 0


def _logs(name: str | None) -> list[Path]:
    """Logs by name: a part (``simulator``), a function (``delivery``) or one of its processes (``delivery-1``)."""
    found = sorted(
        file for pattern in ("log/*.log", "data/*/*.log", "cloud/logs/*.log") for file in LOCAL.glob(pattern)
    )
    if name is None:
        chosen = [log for log in found if log.stem not in INSTALLING]
    else:
        chosen = [log for log in found if name in (log.stem, log.stem.rpartition("-")[0])]
    if not chosen:
        names = ", ".join(sorted({log.stem for log in found})) or "none yet: ./dev up makes them"
        raise ServerError(f"no log {name or ''}; there are: {names}")
    return chosen


def _follow(name: str | None) -> None:
    read = {log: log.stat().st_size for log in _logs(name)}
    while True:
        for log in _logs(name):
            begin = read.get(log, 0)
            with log.open(errors="replace") as file:
                file.seek(begin if begin <= log.stat().st_size else 0)
                for line in file:
                    sys.stdout.write(f"{log.stem} │ {line.rstrip()}\n")
                read[log] = file.tell()
        sys.stdout.flush()
        time.sleep(0.3)

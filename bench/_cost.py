"""What a piece of work costs: its wall time, and the CPU of this process with its children and of the database server.

Other work on the machine makes the wall time longer; the CPU it changes little.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class Cost(NamedTuple):
    """All in seconds."""

    wall: float
    client: float
    server: float

    def __str__(self) -> str:
        return f"{self.wall:.2f} s: {self.client:.2f} s of CPU here, {self.server:.2f} s in the database"


def measured(server_pid: int, work: Callable[[], T]) -> tuple[T, Cost]:
    """Do the work; what it returns, and its cost."""
    wall, client, server = time.perf_counter(), _own(), cpu_of(server_pid)
    result = work()
    return result, Cost(time.perf_counter() - wall, _own() - client, cpu_of(server_pid) - server)


def _own() -> float:
    """Of this process and of those of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def cpu_of(pid: int) -> float:
    """Seconds of CPU a process has used, all its threads, in the system and outside; 0.0 where /proc is not."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

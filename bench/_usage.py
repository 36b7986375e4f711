"""What a family of processes uses of the machine, by what they are."""

from __future__ import annotations

import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bench._cost import cpu_of

_NAMES = ("mariadbd", "redis-server", "local.cloud", "local.discord_simulator", "local.providers", "local.run", "moto")
_FUNCTION = ".handler.handler"


class Usage(NamedTuple):
    """Seconds of CPU so far: of each kind of process, of this one, and what the cores had to give."""

    by_name: Counter[str]
    own: float
    given: float
    idle: float = 0.0
    """Of what was given, what nobody on this machine took."""

    def since(self, before: Usage) -> Usage:
        spent = Counter({name: self.by_name[name] - before.by_name[name] for name in self.by_name})
        return Usage(spent, self.own - before.own, self.given - before.given, self.idle - before.idle)

    @property
    def share(self) -> float:
        """Of the cores' time, this process's part too."""
        return (sum(self.by_name.values()) + self.own) / self.given

    @property
    def busy(self) -> float:
        """Of the cores' time, what anybody took."""
        return 1 - self.idle / self.given


def usage(pid: int) -> Usage:
    """Of a process with all that came from it, and of this one. A process that ended meanwhile is not counted."""
    by_name: Counter[str] = Counter()
    for each in family(pid):
        by_name[_name(each)] += cpu_of(each)  # type: ignore[assignment]
    return Usage(by_name, time.process_time(), time.monotonic() * (os.cpu_count() or 1), _idle_s())


def processes(pid: int) -> Counter[str]:
    """How many there are now, by what they are."""
    return Counter(_name(each) for each in family(pid))


def _idle_s() -> float:
    """Of all cores so far, waiting for a disk included ("cpu" of proc_stat(5)); 0.0 where /proc is not."""
    try:
        fields = Path("/proc/stat").read_text().split(maxsplit=6)
    except OSError:
        return 0.0
    return (int(fields[4]) + int(fields[5])) / os.sysconf("SC_CLK_TCK")


def family(pid: int) -> Iterator[int]:
    """A process and all that came from it."""
    children: dict[int, list[int]] = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue  # it ended
        children[parent].append(int(stat.parent.name))
    queue = [pid]
    while queue:
        each = queue.pop()
        queue += children[each]
        yield each


def _name(pid: int) -> str:
    """A function's name, or what else it is."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return "ended"
    handler = next((word for word in words if word.endswith(_FUNCTION)), "")
    if handler:
        return f"function {handler.removesuffix(_FUNCTION)}"
    said = " ".join(words)
    return next((name for name in _NAMES if name in said), "other")

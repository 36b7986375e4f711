"""How fast this machine is now: a fixed piece of Python, timed. What a bench took is read beside it."""

from __future__ import annotations

import hashlib
import json
import time
from statistics import median
from typing import NamedTuple

ROUNDS = 25


class Speed(NamedTuple):
    """Milliseconds of the piece of work: as time goes by, and of CPU."""

    wall_ms: float
    cpu_ms: float


def speed() -> Speed:
    """The median of some rounds, about a quarter of a second in all on a machine that is idle."""
    walls, cpus = [], []
    for _ in range(ROUNDS):
        wall, cpu = time.perf_counter(), time.process_time()
        _work()
        walls.append((time.perf_counter() - wall) * 1000)
        cpus.append((time.process_time() - cpu) * 1000)
    return Speed(median(walls), median(cpus))


def _work() -> str:
    """Dictionaries, integers, JSON and a digest: what the product spends its time on."""
    rows = [(number, number * 7919 % 1_000_003, f"side {number % 5}") for number in range(5000)]
    sums: dict[str, int] = {}
    for _, stake, side in rows:
        sums[side] = sums.get(side, 0) + stake // 3
    text = json.dumps([rows, sums])
    return hashlib.sha256(json.dumps(json.loads(text)).encode()).hexdigest()

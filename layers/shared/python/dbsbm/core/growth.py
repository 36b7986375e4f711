"""Finds what grows with each invocation of a warm environment, and names the lines that make it."""

from __future__ import annotations

import gc
import sys
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tracemalloc

EVERY = 20
"""Invocations between two looks: a collection costs milliseconds."""
STEPS = 7
"""A verdict after 20 invocations of warming up and seven stretches: 160."""
TOLERATED = 2.0
"""Blocks of memory per invocation: interned texts, a dictionary that is resized once."""
_NAMED = 5


class Growth:
    """The growth of one process: the median over the last stretches, so that a cache that fills up is no leak."""

    def __init__(self) -> None:
        self._invocations = 0
        self._blocks: int | None = None
        self._stretches: deque[float] = deque(maxlen=STEPS)
        self._before: tracemalloc.Snapshot | None = None
        self._named = False

    def after_invocation(self) -> float | None:
        """Blocks that each invocation leaves behind, once that can be told; None between two looks."""
        self._invocations += 1
        if self._invocations % EVERY:
            return None
        gc.collect()
        before, self._blocks = self._blocks, sys.getallocatedblocks()
        if before is None:
            return None
        self._stretches.append((self._blocks - before) / EVERY)
        return sorted(self._stretches)[STEPS // 2] if len(self._stretches) == STEPS else None

    def culprits(self) -> list[str]:
        """Lines that made what stayed between two calls of this; empty at the first one, which begins to look.

        Tracing costs time and memory, so it runs for one stretch of a process that was found to leak, once.
        """
        import tracemalloc  # noqa: PLC0415 — 11 ms that only a process that leaks pays

        if self._named:
            return []
        if self._before is None:
            tracemalloc.start()
            self._before = tracemalloc.take_snapshot()
            return []
        grown = tracemalloc.take_snapshot().compare_to(self._before, "lineno")
        tracemalloc.stop()
        self._before, self._named = None, True
        return [f"{_short(str(each.traceback))} +{each.count_diff}" for each in grown if each.count_diff > 0][:_NAMED]


def _short(place: str) -> str:
    """The file without the folders that are the same everywhere."""
    return "/".join(place.split("/")[-3:])

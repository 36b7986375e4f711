"""Finds what grows with each invocation of a warm environment."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from statistics import median

WARM_UP = 40
"""Invocations after which everything made once has been made."""
STEPS = 8
TOLERATED = 1.0
"""Blocks of memory per invocation: interned texts, a dictionary that is resized once."""


def growth(invoke: Callable[[int], object], invocations: int) -> float:
    """Memory blocks that each invocation leaves behind: the median over ``STEPS`` stretches after a warm-up."""
    stretch = (invocations - WARM_UP) // STEPS
    for number in range(WARM_UP):
        invoke(number)
    grown = []
    blocks = _blocks()
    number = WARM_UP
    for _ in range(STEPS):
        for _ in range(stretch):
            invoke(number)
            number += 1
        before, blocks = blocks, _blocks()
        grown.append((blocks - before) / stretch)
    return median(grown)


def leaks(invoke: Callable[[int], object], invocations: int) -> bool:
    return growth(invoke, invocations) > TOLERATED


def _blocks() -> int:
    gc.collect()
    return sys.getallocatedblocks()

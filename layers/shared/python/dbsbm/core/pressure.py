"""What an environment keeps for speed alone, and lets go of when its memory runs short."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Release = Callable[[], object]
R = TypeVar("R", bound=Release)

_releases: list[Release] = []
_STATM = Path("/proc/self/statm")


def on_short(release: R) -> R:
    """Have ``release`` called when memory runs short: what it empties must be made again by whoever needs it."""
    _releases.append(release)
    return release


def resident_mb() -> float | None:
    """What the process holds now, not at its height (proc_pid_statm(5)); None where no /proc is."""
    try:
        pages = int(_STATM.read_text().split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def relieve() -> int:
    """Let go of all that is kept for speed; how many places were emptied."""
    for release in _releases:
        release()
    gc.collect()
    return len(_releases)

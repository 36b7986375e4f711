"""What an environment keeps for speed alone, and lets go of when its memory runs short."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from pathlib import Path

Release = Callable[[], object]

_releases: list[Release] = []
_STATM = Path("/proc/self/statm")
_GROWN_MB = 16.0


class _Last:
    """What stayed when everything was let go of the last time."""

    stayed_mb = 0.0


def on_short(release: Release) -> None:
    """Have ``release`` called when memory runs short: what it empties must be made again by whoever needs it."""
    _releases.append(release)


def resident_mb() -> float | None:
    """What the process holds now, not at its height (proc_pid_statm(5)); None where no /proc is."""
    try:
        pages = int(_STATM.read_text().split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def relieve() -> int:
    """Let go of all that is kept for speed; how many places were emptied.

    None when the process has hardly grown since the last time: what stayed then stays again, and a collection of a
    large heap at every invocation would cost more than it frees.
    """
    if (resident_mb() or _GROWN_MB) < _Last.stayed_mb + _GROWN_MB:
        return 0
    for release in _releases:
        release()
    gc.collect()
    _Last.stayed_mb = resident_mb() or 0.0
    return len(_releases)

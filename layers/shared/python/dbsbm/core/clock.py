"""Time comes in as a parameter; this is where it comes from."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Wall time. ``now`` is timezone-aware UTC; ``sleep`` is in seconds."""

    def now(self) -> datetime: ...

    def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class ShiftedClock:
    """The machine's clock plus an offset in seconds read from a file: how the local cloud travels in time."""

    def __init__(self, offset_file: Path) -> None:
        self._offset_file = offset_file

    def now(self) -> datetime:
        offset = float(self._offset_file.read_text() or 0)
        return datetime.fromtimestamp(time.time() + offset, UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def environment_clock() -> Clock:
    """The clock of this execution environment: shifted when ``DBSBM_CLOCK_FILE`` names an offset file."""
    offset_file = os.environ.get("DBSBM_CLOCK_FILE")
    return ShiftedClock(Path(offset_file)) if offset_file else SystemClock()


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970, UTC."""
    return int(moment.timestamp() * 1000)

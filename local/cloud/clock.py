"""The clocks of the two modes: one that stands still until moved, one that runs and can be moved."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from dbsbm.core.clock import Clock, ShiftedClock


class MovableClock(Clock, Protocol):
    """A clock that can be set forward."""

    def move_to(self, moment: datetime) -> None: ...


class VirtualClock:
    """Stands still until somebody sleeps or moves it. ``start`` is timezone-aware."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=max(seconds, 0.0))

    def move_to(self, moment: datetime) -> None:
        """Go to a later moment; an earlier one changes nothing, for time does not run back."""
        self._now = max(self._now, moment.astimezone(UTC))


class TravelClock(ShiftedClock):
    """The machine's clock plus the offset in a file, which the functions' processes read through the same file."""

    def __init__(self, offset_file: Path, start: datetime | None = None) -> None:
        super().__init__(offset_file)
        self.offset_file = offset_file
        self._write(start.timestamp() - time.time() if start else 0.0)

    def move_to(self, moment: datetime) -> None:
        """Go to a later moment; an earlier one changes nothing."""
        if moment > self.now():
            self._write(moment.timestamp() - time.time())

    def _write(self, offset_s: float) -> None:
        fresh = self.offset_file.with_suffix(".new")
        fresh.write_text(repr(offset_s))
        fresh.replace(self.offset_file)  # in one step: a reader never sees an empty file

"""When a routine is due, in the guild's own zone. Pure.

A local time that does not exist (the hour skipped in spring) is the moment an hour later by the clock; one that comes
twice is its first coming.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dbsbm.community.model import Routine

OLDEST = {
    Routine.DAILY: timedelta(hours=12),
    Routine.WEEKLY: timedelta(hours=36),
    Routine.MONTHLY: timedelta(hours=72),
    Routine.REMINDER: timedelta(hours=3),
    Routine.TOP_ROLE: timedelta(hours=24),
}
"""How late each still takes effect, after an outage; later it waits for the next time."""
_DAY = timedelta(days=1)
_LONGEST = 32


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time a routine is due: the local day it falls on, and when (UTC)."""

    routine: Routine
    day: date
    at: datetime

    @property
    def first(self) -> date:
        """The first sports day it speaks of."""
        match self.routine:
            case Routine.WEEKLY:
                return self.day - 7 * _DAY
            case Routine.MONTHLY:
                return (self.day - _DAY).replace(day=1)
            case Routine.DAILY:
                return self.day - _DAY
        return self.day

    @property
    def last(self) -> date:
        """The last sports day it speaks of."""
        return last_day(self.routine, self.first)

    def too_old(self, now: datetime) -> bool:
        return now - self.at > OLDEST[self.routine]


def last_day(routine: Routine, first: date) -> date:
    """The last day of a routine's period that begins on ``first``."""
    match routine:
        case Routine.WEEKLY:
            return first + 6 * _DAY
        case Routine.MONTHLY:
            return (first + 31 * _DAY).replace(day=1) - _DAY
    return first


def latest(routine: Routine, hour: int, zone: ZoneInfo, now: datetime) -> Occurrence:
    """The last time a routine was due, until ``now``."""
    return next(each for each in _around(routine, hour, zone, now, -1) if each.at <= now)


def following(routine: Routine, hour: int, zone: ZoneInfo, now: datetime) -> Occurrence:
    """The first time it is due after ``now``."""
    return next(each for each in _around(routine, hour, zone, now, 1) if each.at > now)


def _around(routine: Routine, hour: int, zone: ZoneInfo, now: datetime, step: int) -> Iterator[Occurrence]:
    today = now.astimezone(zone).date()
    for number in range(_LONGEST + 2):
        day = today + number * step * _DAY
        if _falls_on(routine, day):
            yield Occurrence(routine, day, datetime.combine(day, time(hour), zone).astimezone(UTC))


def _falls_on(routine: Routine, day: date) -> bool:
    match routine:
        case Routine.WEEKLY:
            return day.weekday() == 0
        case Routine.MONTHLY:
            return day.day == 1
    return True

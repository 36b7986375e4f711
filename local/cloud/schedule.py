"""Schedule expressions of EventBridge Scheduler: ``rate(…)``, ``cron(…)`` and ``at(…)``.

Syntax and the two daylight-saving rules follow "Schedule types in EventBridge Scheduler" (AWS, Scheduler user guide):
a local time that does not exist is skipped, and one that comes twice fires at its first coming only.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from local.cloud.errors import ExpressionError

_UNITS = {"minute": 60, "hour": 3600, "day": 86_400}
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


class Expression(Protocol):
    def after(self, moment: datetime) -> datetime | None:
        """The first firing later than a moment (aware), in UTC; None when there is none any more."""
        ...


@dataclass(frozen=True, slots=True)
class Rate:
    """Every ``interval`` from ``anchor``, the first time one interval after it."""

    interval: timedelta
    anchor: datetime

    def after(self, moment: datetime) -> datetime | None:
        passed = max((moment - self.anchor) // self.interval, 0)
        return self.anchor + (passed + 1) * self.interval


@dataclass(frozen=True, slots=True)
class At:
    moment: datetime

    def after(self, moment: datetime) -> datetime | None:
        return self.moment if self.moment > moment else None


@dataclass(frozen=True, slots=True)
class Cron:
    """Six fields: minutes, hours, day of month, month, day of week (1 = Sunday), year."""

    minutes: frozenset[int]
    hours: frozenset[int]
    day: str
    months: frozenset[int]
    weekday: str
    years: frozenset[int]
    zone: ZoneInfo

    def after(self, moment: datetime) -> datetime | None:
        local = moment.astimezone(self.zone)
        day, last = local.date() - timedelta(days=1), date(max(self.years), 12, 31)
        while day < last:
            day = self._next_day(day, last)
            for fired in self._moments(day):
                if fired > moment:
                    return fired
        return None

    def _next_day(self, day: date, last: date) -> date:
        """The first day after ``day`` that matches; ``last`` when none does."""
        day += timedelta(days=1)
        while day < last and not self._matches(day):
            skips = day.year not in self.years or day.month not in self.months
            day = _month_after(day) if skips else day + timedelta(days=1)
        return min(day, last)

    def _moments(self, day: date) -> Iterator[datetime]:
        if not self._matches(day):
            return
        for hour in sorted(self.hours):
            for minute in sorted(self.minutes):
                wall = datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone)
                utc = wall.astimezone(UTC)
                if utc.astimezone(self.zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
                    yield utc

    def _matches(self, day: date) -> bool:
        if day.year not in self.years or day.month not in self.months:
            return False
        if self.day == "?":
            return _on_weekday(self.weekday, day)
        return _on_day_of_month(self.day, day)


def parse(expression: str, timezone: str, anchor: datetime) -> Expression:
    """Read an expression; ``anchor`` is when the schedule was made, from which rates count.

    Raises
    ------
    ExpressionError
        Saying what is wrong with it.
    """
    shape = re.fullmatch(r"(rate|cron|at)\((.*)\)", expression)
    if shape is None:
        raise ExpressionError(f"{expression}: must be rate(…), cron(…) or at(…)")
    kind, text = shape.groups()
    if kind == "rate":
        return _rate(text, anchor)
    if kind == "cron":
        return _cron(text, ZoneInfo(timezone))
    try:
        return At(datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC))
    except ValueError as error:
        raise ExpressionError(f"at({text}): must look like at(2026-09-10T20:15:00)") from error


def _rate(text: str, anchor: datetime) -> Rate:
    shape = re.fullmatch(r"([1-9]\d*) (minute|hour|day)(s?)", text)
    if shape is None or (shape[1] == "1") == bool(shape[3]):
        raise ExpressionError(f"rate({text}): must look like rate(1 minute) or rate(5 minutes)")
    return Rate(timedelta(seconds=int(shape[1]) * _UNITS[shape[2]]), anchor)


def _cron(text: str, zone: ZoneInfo) -> Cron:
    fields = text.upper().split()
    if len(fields) != 6:
        raise ExpressionError(f"cron({text}): needs six fields")
    minutes, hours, day, months, weekday, years = fields
    if (day == "?") == (weekday == "?"):
        raise ExpressionError(f"cron({text}): exactly one of day of month and day of week must be ?")
    cron = Cron(
        _values(minutes, 0, 59),
        _values(hours, 0, 23),
        day,
        _values(_numbered(months, _MONTHS), 1, 12),
        _numbered(weekday, _WEEKDAYS),
        _values(years, 1970, 2199),
        zone,
    )
    _check_days(cron)
    return cron


def _check_days(cron: Cron) -> None:
    if cron.day != "?" and not re.fullmatch(r"L|LW|([1-9]|[12]\d|3[01])W", cron.day):
        _values(cron.day, 1, 31)
    if cron.weekday != "?" and not re.fullmatch(r"L|[1-7]L|[1-7]#[1-5]", cron.weekday):
        _values(cron.weekday, 1, 7)


def _numbered(text: str, names: tuple[str, ...]) -> str:
    for number, name in enumerate(names, 1):
        text = re.sub(rf"\b{name}\b", str(number), text)
    return text


def _values(text: str, low: int, high: int) -> frozenset[int]:
    """The numbers of one field: ``*``, ``5``, ``1-5``, ``0/15``, ``*/2``, and lists of these."""
    found: set[int] = set()
    for part in text.split(","):
        shape = re.fullmatch(r"(?:\*|(\d+)(?:-(\d+))?)(?:/([1-9]\d*))?", part)
        if shape is None:
            raise ExpressionError(f"{part!r} in a cron field")
        first, last, step = shape.groups()
        start = int(first) if first else low
        end = int(last) if last else (start if first and not step else high)
        if not low <= start <= end <= high:
            raise ExpressionError(f"{part!r} in a cron field: must lie within {low}-{high}")
        found.update(range(start, end + 1, int(step or 1)))
    return frozenset(found)


def _on_day_of_month(field: str, day: date) -> bool:
    length = monthrange(day.year, day.month)[1]
    if field == "L":
        return day.day == length
    if field == "LW":
        return day == _nearest_weekday(day.replace(day=length))
    if field.endswith("W"):
        wanted = int(field[:-1])
        return wanted <= length and day == _nearest_weekday(day.replace(day=wanted))
    return day.day in _values(field, 1, 31)


def _on_weekday(field: str, day: date) -> bool:
    number = day.isoweekday() % 7 + 1
    if "#" in field:
        weekday, nth = map(int, field.split("#"))
        return number == weekday and (day.day - 1) // 7 + 1 == nth
    if field == "L":
        return number == 7
    if field.endswith("L"):
        return number == int(field[:-1]) and day.day + 7 > monthrange(day.year, day.month)[1]
    return number in _values(field, 1, 7)


def _nearest_weekday(day: date) -> date:
    """The weekday nearest to a day without leaving its month."""
    if day.isoweekday() == 6:
        return day - timedelta(days=1) if day.day > 1 else day + timedelta(days=2)
    if day.isoweekday() == 7:
        last = day.day == monthrange(day.year, day.month)[1]
        return day - timedelta(days=2) if last else day + timedelta(days=1)
    return day


def _month_after(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)

"""The catalog's schedules on the cloud's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.catalog import Catalog, Function, Schedule
from local.cloud.execution import ACCOUNT, REGION, Names
from local.cloud.schedule import Expression, parse


@dataclass(slots=True)
class _Entry:
    function: Function
    schedule: Schedule
    expression: Expression
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Firing:
    function: Function
    at: datetime


class Timetable:
    """When which function is due. Rates count from ``start``, so they first fire one interval later.

    Not for several threads at once: the cloud asks under its queue's lock.
    """

    def __init__(self, catalog: Catalog, start: datetime) -> None:
        self._entries: list[_Entry] = []
        for function in catalog.functions:
            for schedule in function.triggers:
                if isinstance(schedule, Schedule):
                    expression = parse(schedule.expression, schedule.timezone, start)
                    self._entries.append(_Entry(function, schedule, expression, expression.after(start)))

    def next_due(self) -> datetime | None:
        return min((entry.due for entry in self._entries if entry.due), default=None)

    def take(self, now: datetime) -> list[Firing]:
        """What is due, oldest first; what is older than its schedule allows is dropped."""
        firings: list[Firing] = []
        for entry in self._entries:
            while entry.due is not None and entry.due <= now:
                if now - entry.due <= timedelta(seconds=entry.schedule.max_age_s):
                    firings.append(Firing(entry.function, entry.due))
                entry.due = entry.expression.after(entry.due)
        return sorted(firings, key=lambda firing: firing.at)


def scheduler_event(firing: Firing, event_id: str, names: Names) -> dict[str, Any]:
    """What EventBridge Scheduler sends to a target without an input of its own."""
    return {
        "version": "0",
        "id": event_id,
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": ACCOUNT,
        "time": f"{firing.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "region": REGION,
        "resources": [f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/{names.of(firing.function.name)}"],
        "detail": "{}",
    }

"""Lambda's queue for asynchronous invocations: retries, maximum age, and the record of what failed for good.

Times follow "How Lambda handles errors and retries with asynchronous invocation" (AWS, Lambda developer guide): one
minute before the first retry, two before the second; a throttled event comes back after 1 s, doubling up to 5 min, and
costs no retry. They pass on the cloud's clock.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from itertools import count
from threading import Condition
from typing import Any

from infra.catalog import Function
from local.cloud.execution import Names, Outcome

RETRY_AFTER = (timedelta(minutes=1), timedelta(minutes=2))
THROTTLE_LIMIT = timedelta(minutes=5)
HELD = timedelta(seconds=90)


@dataclass(frozen=True, slots=True)
class Pending:
    """One event on its way. ``attempts`` are those made so far, ``last`` how the latest ended."""

    function: Function
    payload: bytes
    request_id: str
    accepted_at: datetime
    due: datetime
    attempts: int = 0
    throttles: int = 0
    last: Outcome | None = None

    @property
    def expires_at(self) -> datetime:
        return self.accepted_at + timedelta(seconds=self.function.max_age_s)

    def expired(self, now: datetime) -> bool:
        return now >= self.expires_at


def overtaken(pending: Pending, now: datetime) -> Pending:
    """Held so long that what is swept each minute comes first; Lambda promises no order."""
    return replace(pending, due=max(now, min(now + HELD, pending.expires_at - timedelta(seconds=1))))


def after_throttle(pending: Pending, now: datetime) -> Pending:
    wait = min(timedelta(seconds=2**pending.throttles), THROTTLE_LIMIT)
    return replace(pending, due=min(now + wait, pending.expires_at), throttles=pending.throttles + 1)


def after_failure(pending: Pending, outcome: Outcome, now: datetime) -> Pending | None:
    """The next attempt, or None when the retries are used up."""
    attempts = pending.attempts + 1
    if attempts > pending.function.retries:
        return None
    due = min(now + RETRY_AFTER[attempts - 1], pending.expires_at)
    return replace(pending, due=due, attempts=attempts, last=outcome)


def failure_record(pending: Pending, condition: str, names: Names, now: datetime) -> dict[str, Any]:
    """The document Lambda sends to an on-failure destination; ``pending`` counts the last attempt too."""
    record: dict[str, Any] = {
        "version": "1.0",
        "timestamp": f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z",
        "requestContext": {
            "requestId": pending.request_id,
            "functionArn": f"{names.function_arn(pending.function.name)}:live",
            "condition": condition,
            "approximateInvokeCount": pending.attempts,
        },
        "requestPayload": json.loads(pending.payload),
    }
    if pending.last is not None:
        context = {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
        record |= {"responseContext": context, "responsePayload": pending.last.document()}
    return record


class EventQueue:
    """Events in order of their due time. Safe for threads; ``changed`` is notified when there is something new."""

    def __init__(self) -> None:
        self.changed = Condition()
        self._heap: list[tuple[datetime, int, Pending]] = []
        self._order = count()
        self._in_flight = 0

    def put(self, pending: Pending) -> None:
        with self.changed:
            heappush(self._heap, (pending.due, next(self._order), pending))
            self.changed.notify_all()

    def next_due(self) -> datetime | None:
        with self.changed:
            return self._heap[0][0] if self._heap else None

    def take(self, now: datetime, *, last: bool = False) -> Pending | None:
        """The first event that is due, or the last of them; now in flight until :meth:`settled`."""
        with self.changed:
            if not self._heap or self._heap[0][0] > now:
                return None
            self._in_flight += 1
            if not last:
                return heappop(self._heap)[2]
            latest = max(entry for entry in self._heap if entry[0] <= now)
            self._heap.remove(latest)
            heapify(self._heap)
            return latest[2]

    def due(self, now: datetime) -> int:
        """How many events are due."""
        with self.changed:
            return sum(entry[0] <= now for entry in self._heap)

    def settled(self, again: Pending | None) -> None:
        """An event in flight came to an end, or goes back into the queue."""
        with self.changed:
            self._in_flight -= 1
            if again is not None:
                heappush(self._heap, (again.due, next(self._order), again))
            self.changed.notify_all()

    def idle(self) -> bool:
        """Whether nothing is in flight; what waits for its time does not count."""
        with self.changed:
            return not self._in_flight

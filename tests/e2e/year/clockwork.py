"""The catalog's schedules over a year of virtual time.

What fires once an hour or more seldom fires whenever its expression says so. What fires oftener would run two million
times, nearly always to find nothing: these fire at their own times too, but only in the quarters of an hour in which
somebody acts or the database holds something that waits for them (``WAITING``). That the others are nothing is tried:
in nights where nothing waits each of them is fired all the same, and no row may change (``leap_tried``). Feeds and the
front door's canary have no part: there is no provider here, and ``test_canary.py`` and the seasons have years of their
own.
"""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from infra.catalog import CATALOG, Catalog, Function, Schedule
from local.cloud.execution import Names, Outcome
from local.cloud.schedule import parse
from local.cloud.timetable import Timetable, scheduler_event
from tests.e2e.world import World
from tests.e2e.year.nights import rows_of

QUARTER, HOUR = timedelta(minutes=15), timedelta(hours=1)
CANARY_HOUR = 6
"""When the day's canary of erasures is planted."""
ELSEWHERE = frozenset({"feed_odds_api", "feed_espn", "feed_weather", "feed_api_sports", "job_canary"})
WAITING: Mapping[str, str] = {
    "delivery": "SELECT 1 FROM outbox WHERE state IN ('pending', 'sending') AND next_attempt_at < %(until)s",
    "job_audit_sequence": "SELECT 1 FROM audit_events WHERE leaf_index IS NULL",
    "job_privacy": "SELECT 1 FROM privacy_requests WHERE state IN ('waiting', 'working') AND begins_at < %(until)s",
    "job_community": "SELECT 1 FROM community_routines WHERE due_at < %(until)s AND routine <> 'corrections'",
    "job_notify": "SELECT 1 FROM tail_news WHERE due_at < %(until)s",
    "job_webhooks": "SELECT 1 FROM webhook_events WHERE state = 'pending'",
    "job_retention": """SELECT 1 FROM interactions WHERE claimed_at < %(until)s - INTERVAL 1 DAY
 UNION SELECT 1 FROM outbox WHERE state IN ('sent', 'overtaken', 'expired', 'dropped')
  AND next_attempt_at < %(until)s - INTERVAL 7 DAY
 UNION SELECT 1 FROM outbox WHERE state IN ('dead', 'unknown') AND next_attempt_at < %(until)s - INTERVAL 90 DAY
 UNION SELECT 1 FROM outbox WHERE expires_at < %(until)s AND JSON_EXTRACT(target, '$.token_cipher') IS NOT NULL
 UNION SELECT 1 FROM drafts WHERE updated_at < %(until)s - INTERVAL 7 DAY""",
    "job_close": "SELECT 1 FROM games WHERE starts_at BETWEEN %(now)s - INTERVAL 15 MINUTE AND %(until)s",
    "job_settle": "SELECT 1 FROM games WHERE starts_at BETWEEN %(now)s - INTERVAL 15 MINUTE AND %(until)s",
}
"""What waits for each that fires oftener than once an hour."""
LOOKING = frozenset({"community_routines"})
"""Written by whoever looks whether recaps changed: when to look again. The hour after an act has such a look."""
SEARCHING = ("job_privacy", "job_restore_check")
"""Each day they look for whoever was erased, in what is live and in the night's backup."""
_SEARCHED = "SELECT 1 FROM canaries WHERE searched_at IS NULL"
_LOOK = "SELECT " + ", ".join(f"EXISTS ({sql}) AS {name}" for name, sql in {**WAITING, "canary": _SEARCHED}.items())


def _expressions(function: Function) -> list[str]:
    return [each.expression for each in function.triggers if isinstance(each, Schedule)]


def _is_quick(function: Function) -> bool:
    return any("minute" in each for each in _expressions(function))


def _without_quick(function: Function) -> Function:
    routes = tuple(each for each in function.triggers if not isinstance(each, Schedule))
    return replace(function, triggers=routes) if _is_quick(function) else function


SLOW: Catalog = replace(CATALOG, functions=tuple(map(_without_quick, CATALOG.functions)))
"""What the cloud fires by itself."""
QUICK = {each.name: each for each in CATALOG.functions if _is_quick(each) and each.name not in ELSEWHERE}


class Clockwork:
    """Takes a world through its time. ``scheduled`` are runs by a schedule, ``cost`` is CPU seconds of all runs."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.runs: Counter[str] = Counter()
        self.scheduled: Counter[str] = Counter()
        self.cost: defaultdict[str, float] = defaultdict(float)
        self.failed: list[str] = []
        self.residues: list[Any] = []
        self.leaps = 0
        self._acted: datetime | None = None
        self._spans: list[tuple[datetime, datetime]] = []
        world.cloud.call = self._counted(world.cloud.call)  # type: ignore[method-assign]

    def _counted(self, call: Callable[..., Outcome]) -> Callable[..., Outcome]:
        def counted(name: str, payload: bytes, *arguments: Any, **more: Any) -> Outcome:
            began = time.process_time()
            outcome = call(name, payload, *arguments, **more)
            self.cost[name] += time.process_time() - began
            self.runs[name] += 1
            self.scheduled[name] += b'"aws.scheduler"' in payload
            if outcome.failed:
                self.failed.append(f"{self.world.clock.now():%m-%d %H:%M} {name}: {outcome.document()}"[:400])
            elif name in SEARCHING:
                self.residues += outcome.document().get("residues") or []
            return outcome

        return counted

    def acted(self) -> None:
        """Somebody did something: for the rest of this hour everything fires."""
        self.world.cloud.run_until_idle()
        self._acted = self.world.clock.now()

    def until(self, moment: datetime) -> None:
        """Let the time pass."""
        began = self.world.clock.now()
        while (now := self.world.clock.now()) < moment:
            following = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0) + QUARTER
            self._quarter(now, min(following, moment))
        self._spans.append((began, self.world.clock.now()))

    def stand_still(self, moment: datetime) -> None:
        """Everything is off until a moment, as after an outage: what was missed and is young enough fires then."""
        before = Counter(self.scheduled)
        self.world.cloud.skip_to(moment)
        self.scheduled = before

    def leap_tried(self) -> None:
        """Unless something waits: fire everything that would be leapt over now, and see that it changes no row."""
        now = self.world.clock.now()
        if self._awake(now, now + QUARTER):
            return
        before = rows_of(self.world.database)
        for name in sorted(QUICK):
            self.world.cloud.invoke(name, {"v": 1})
        after = rows_of(self.world.database)
        assert {table for table in before if before[table] != after[table]} <= LOOKING, now
        self.leaps += 1

    def summary(self) -> str:
        """How much has run so far, and what it cost most."""
        dearest = sorted(self.cost.items(), key=lambda each: -each[1])[:4]
        named = ", ".join(f"{name} {cost:.0f}" for name, cost in dearest)
        return f"{sum(self.runs.values())} runs, {time.process_time():.0f} s of CPU ({named})"

    def expected(self, name: str) -> int:
        """How often a schedule of the cloud's own was due in the time that passed."""
        count = 0
        for text in _expressions(SLOW.function(name)):
            expression = parse(text, "UTC", self._spans[0][0])
            for began, ended in self._spans:
                due = expression.after(began)
                while due is not None and due <= ended:
                    count, due = count + 1, expression.after(due)
        return count

    def _quarter(self, now: datetime, stop: datetime) -> None:
        cloud = self.world.cloud
        awake = self._awake(now, stop)
        if awake:
            functions = tuple(QUICK[name] for name in sorted(awake))
            table = Timetable(replace(CATALOG, functions=functions), now.replace(minute=0, second=0, microsecond=0))
            table.take(now)
            while (due := table.next_due()) is not None and due <= stop:
                cloud.advance((due - self.world.clock.now()).total_seconds())
                for firing in table.take(due):
                    request_id = cloud.new_request_id()
                    event = scheduler_event(firing, request_id, Names()) | _told(firing.function.name)
                    cloud.accept(firing.function.name, json.dumps(event).encode(), request_id)
                cloud.run_until_idle()
        cloud.advance((stop - self.world.clock.now()).total_seconds())

    def _awake(self, now: datetime, stop: datetime) -> set[str]:
        if self._acted is not None and now - self._acted < HOUR:
            return set(QUICK)
        with self.world.database.read() as session:
            row = session.all(_LOOK, {"now": now, "until": stop})[0]
        found = {name for name in WAITING if row[name]}
        if row["canary"] or (now.hour == CANARY_HOUR and now.minute < QUARTER.total_seconds() // 60):
            found.add("job_privacy")
        return found | {"job_audit_sequence"} if found else found


def _told(name: str) -> dict[str, Any]:
    """A laptop has a canary of erasures only when it is told to; a deployed stage always."""
    return {"v": 1, "canary": True} if name == "job_privacy" else {}

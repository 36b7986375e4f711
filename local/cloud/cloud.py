"""The cloud of ``infra/catalog.py`` on a laptop: one interface, in this interpreter or in processes."""

from __future__ import annotations

import json
import shutil
import tempfile
import uuid
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random, SystemRandom
from threading import RLock
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from dbsbm.core.http import HttpRequest, HttpResponse, Transport, TransportError
from infra.catalog import CATALOG, Catalog, Function
from local.cloud import http_api
from local.cloud.asynchronous import EventQueue, Pending, after_failure, after_throttle, failure_record, overtaken
from local.cloud.aws import messages, send_message
from local.cloud.backends import Backend, InProcessBackend, Plan, ProcessBackend
from local.cloud.clock import MovableClock, VirtualClock
from local.cloud.errors import CloudError, FunctionError, StartError, ThrottledError, TooLargeError
from local.cloud.event_rules import reached
from local.cloud.execution import ROOT, Invocation, Names, Outcome
from local.cloud.faults import Armed, Crossing, Faults
from local.cloud.release import Hooks, Release
from local.cloud.roles import Roles
from local.cloud.timetable import Timetable, scheduler_event

Mode = Literal["in_process", "processes"]
SYNCHRONOUS_LIMIT = 6 * 1024 * 1024
ASYNCHRONOUS_LIMIT = 1024 * 1024
"""Largest events, in bytes ("Lambda quotas", AWS)."""
_KEPT_INVOCATIONS = 10_000


class Cloud:
    """Runs a catalog. A context manager: leaving it ends every process.

    ``settings`` are the stage's values (``Ref("setting", …)``) and the operator's secrets by variable name. ``clock``
    gives the time to start at; in process mode it runs on from there. ``outside`` answers what functions of the
    in-process mode send to the world; processes use the real network. ``state`` keeps logs and generated secrets; a
    folder that goes with the cloud when left out. Kills by crossing exist in process alone.
    """

    def __init__(
        self,
        catalog: Catalog = CATALOG,
        clock: VirtualClock | None = None,
        seed: int = 0,
        faults: Faults | None = None,
        mode: Mode = "in_process",
        *,
        settings: Mapping[str, str] | None = None,
        outside: Transport | None = None,
        functions: Path = ROOT / "functions",
        state: Path | None = None,
        endpoint_port: int = 0,
        idle_s: float = 300.0,
        prefix: str = Names().prefix,
    ) -> None:
        self.names = Names(prefix)
        self.queue = EventQueue()
        self._stopped = False
        self._catalog = catalog
        self.roles = Roles(catalog, self.names)
        self._functions = {function.name: function for function in catalog.functions}
        self._routes = http_api.routes(catalog)
        self._random = Random(seed) if mode == "in_process" else SystemRandom()  # noqa: S311 — ids of a test
        self._lock = RLock()
        self._invocations: defaultdict[str, deque[Invocation]] = defaultdict(lambda: deque(maxlen=_KEPT_INVOCATIONS))
        self._temporary = Path(tempfile.mkdtemp(prefix="dbsbm-cloud-")) if state is None else None
        folder = state or self._temporary or Path()
        folder.mkdir(parents=True, exist_ok=True)
        plan = Plan(
            catalog,
            self.names,
            settings or {},
            functions.resolve(),
            folder.resolve(),
            state is not None,
            seed,
            outside,
            endpoint_port,
            idle_s,
        )
        made = InProcessBackend if mode == "in_process" else ProcessBackend
        self._backend: Backend = made(plan, self, clock)
        self._timetable = Timetable(catalog, self.clock.now())
        self.arm(faults or Faults())
        self._backend.start()

    @property
    def clock(self) -> MovableClock:
        return self._backend.clock

    @property
    def endpoint(self) -> str:
        """What functions see as ``AWS_ENDPOINT_URL``."""
        return self._backend.endpoint

    @property
    def crossings(self) -> list[Crossing]:
        """What was crossed since the faults were armed; empty in process mode."""
        return self.armed.crossings

    def arm(self, faults: Faults) -> None:
        """Let these faults happen from now on, counting crossings and passages from 1.

        Raises
        ------
        CloudError
            For a kill by crossing in process mode: use :meth:`kill_running` there.
        """
        if faults.kills and isinstance(self._backend, ProcessBackend):
            raise CloudError("processes have no crossings; use kill_running")
        self.armed = Armed(faults, self.clock)

    def http(self, request: HttpRequest) -> HttpResponse:
        """What the HTTP API would answer.

        Raises
        ------
        TransportError
            When the hop ``discord`` drops the request.
        """
        target = urlsplit(request.url)
        headers = {"host": target.netloc, **request.headers}
        path = f"{target.path or '/'}?{target.query}" if target.query else target.path or "/"
        return self.http_arrival(http_api.Arrival(request.method, path, tuple(headers.items()), request.body))

    def http_arrival(self, arrival: http_api.Arrival) -> HttpResponse:
        """As :meth:`http`, for a request as it stood on the wire."""

        def lost() -> Exception:
            return TransportError("no answer", sent=True)

        return self.armed.carry("discord", lambda: self._answered(arrival), lost)

    def emit(self, event: Mapping[str, Any]) -> Sequence[str]:
        """What EventBridge does with an event of an AWS service: hand it on, asynchronously; returns to whom."""
        found = list(reached(self._catalog, event))
        for name in found:
            self.accept(name, json.dumps(event).encode(), self.new_request_id())
        return found

    def invoke(self, name: str, event: Any, asynchronous: bool = False) -> Any:
        """Invoke a function; asynchronously the event is queued and None comes back.

        Raises
        ------
        FunctionError
            When the function failed, crashed or ran out of time.
        ThrottledError, TooLargeError
            When it was not invoked.
        """
        payload = json.dumps(event).encode()
        if asynchronous:
            self.accept(name, payload, self.new_request_id())
            return None
        outcome = self.call(name, payload, self.new_request_id())
        if outcome.failed:
            raise FunctionError(name, outcome.document())
        return outcome.document()

    def advance(self, seconds: float) -> None:
        """Let time pass: whatever falls due on the way happens at its time."""
        target = self.clock.now() + timedelta(seconds=seconds)
        self.run_until_idle()
        while (due := self.next_due()) is not None and due <= target:
            self.clock.move_to(due)
            self.run_until_idle()
        self.clock.move_to(target)
        self.run_until_idle()

    def skip_to(self, moment: datetime) -> None:
        """Go to a moment as after an outage: of the schedules missed on the way only what is young enough runs, then.

        Days cost what an hour of :meth:`advance` does.
        """
        self.clock.move_to(moment)
        self.run_until_idle()

    def run_until_idle(self) -> None:
        """Let everything happen that is due now. A retry or a throttled event waits for its time: :meth:`advance`."""
        self._backend.settle()

    def invocations(self, name: str) -> list[Invocation]:
        """The latest attempts of a function, oldest first."""
        with self._lock:
            return list(self._invocations[name])

    def logs(self, name: str) -> list[dict[str, Any]]:
        """What a function printed and logged, line by line."""
        return self._backend.logs(name)

    def all_logs(self) -> dict[str, list[dict[str, Any]]]:
        """The lines of every function, by its name."""
        return {name: self.logs(name) for name in self._functions}

    def messages(self, queue: str) -> list[Any]:
        """The documents in a queue of the catalog, e.g. ``failed-invocations``; they stay there."""
        return messages(self._backend.aws(), self.names.of(queue))

    def aws(self, request: HttpRequest) -> HttpResponse:
        """AWS's own APIs as the operator reaches them: buckets, queues, secrets and keys."""
        return self._backend.aws()(request)

    def release(self, functions: Path) -> Release:
        """Put a second version of every function, from another folder, beside the first. Nobody reaches it yet.

        Raises
        ------
        CloudError
            In process mode alone are there versions.
        """
        if not isinstance(self._backend, ProcessBackend):
            raise CloudError("one interpreter holds one version; use processes")
        return self._backend.release(functions)

    @property
    def hooks(self) -> Hooks:
        """What functions told CodeDeploy."""
        return self._backend.hooks

    def kill_running(self, name: str | None = None) -> int:
        """``kill -9`` the processes at work now, of one function or of all; returns how many."""
        return self._backend.kill_running(name)

    def stop(self) -> None:
        """End every process and server. Stopping twice does nothing."""
        self._stopped = True
        self._backend.stop()
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # What the backends and the gateway ask of the cloud.

    def function(self, name: str) -> Function:
        """A function of the catalog; KeyError when there is none of that name."""
        return self._functions[name]

    def new_request_id(self) -> str:
        with self._lock:
            return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def call(self, name: str, payload: bytes, request_id: str, attempt: int = 1, qualifier: str = "live") -> Outcome:
        """Run one invocation to its end.

        Raises
        ------
        ThrottledError, TooLargeError
            When it cannot be run.
        """
        if len(payload) > SYNCHRONOUS_LIMIT:
            raise TooLargeError(f"{len(payload)} byte payload is too large; the limit is {SYNCHRONOUS_LIMIT}")
        function = self.function(name)
        outcome = self._backend.run(function, payload, request_id, f"{self.names.function_arn(name)}:{qualifier}")
        invocation = Invocation(
            name,
            request_id,
            attempt,
            json.loads(payload),
            outcome.document(),
            outcome.failed,
            outcome.duration_ms,
            outcome.init_ms,
            outcome.memory_mb,
            outcome.version,
        )
        with self._lock:
            self._invocations[name].append(invocation)
        return outcome

    def accept(self, name: str, payload: bytes, request_id: str) -> None:
        """Queue an event.

        Raises
        ------
        TooLargeError
            When it is larger than Lambda takes.
        """
        if len(payload) > ASYNCHRONOUS_LIMIT:
            raise TooLargeError(f"{len(payload)} byte payload is too large; the limit is {ASYNCHRONOUS_LIMIT}")
        now = self.clock.now()
        self.queue.put(Pending(self.function(name), payload, request_id, now, now))

    def call_over_hop(self, name: str, payload: bytes, request_id: str, qualifier: str = "live") -> Outcome:
        """:meth:`call` on behalf of another function, with the faults of the hop ``invoke``."""
        return self.armed.carry("invoke", lambda: self.call(name, payload, request_id, qualifier=qualifier), _lost)

    def accept_over_hop(self, name: str, payload: bytes, request_id: str) -> None:
        """:meth:`accept` on behalf of another function, with the faults of the hop ``invoke``."""
        self.armed.carry("invoke", lambda: self.accept(name, payload, request_id), _lost)

    def next_due(self) -> datetime | None:
        """When the next event or schedule is due."""
        with self.queue.changed:
            dues = [due for due in (self.queue.next_due(), self._timetable.next_due()) if due is not None]
            return min(dues, default=None)

    def next_work(self) -> Pending | None:
        """Fire what is scheduled until now, then give the first event that is due."""
        with self.queue.changed:
            now = self.clock.now()
            for firing in self._timetable.take(now):
                request_id = self.new_request_id()
                event = scheduler_event(firing, request_id, self.names)
                self.accept(firing.function.name, json.dumps(event).encode(), request_id)
            return self._taken(now)

    def _taken(self, now: datetime) -> Pending | None:
        """The event that is due, or that overtakes it."""
        if not self.armed.faults.reordered:
            return self.queue.take(now)
        while (pending := self.queue.take(now, last=True)) is not None:
            if not self.armed.holds(pending.request_id, self.queue.due(now)):
                return pending
            self.queue.settled(overtaken(pending, now))
        return None

    def attempt(self, pending: Pending) -> None:
        """Try an event once: done, back into the queue, or given up."""
        again: Pending | None = None
        try:
            again = self._attempted(pending)
        except StartError:
            if not self._stopped:
                raise
        finally:
            self.queue.settled(again)

    def _attempted(self, pending: Pending) -> Pending | None:
        if pending.expired(self.clock.now()):
            self._give_up(pending, "EventAgeExceeded")
            return None
        try:
            outcome = self.call(pending.function.name, pending.payload, pending.request_id, pending.attempts + 1)
        except ThrottledError:
            return after_throttle(pending, self.clock.now())
        if not outcome.failed or self._stopped:
            return None
        again = after_failure(pending, outcome, self.clock.now())
        if again is None:
            self._give_up(replace(pending, attempts=pending.attempts + 1, last=outcome), "RetriesExhausted")
        return again

    def _give_up(self, pending: Pending, condition: str) -> None:
        record = failure_record(pending, condition, self.names, self.clock.now())
        send_message(self._backend.aws(), self.names.of(pending.function.on_failure.name), record)

    def _answered(self, arrival: http_api.Arrival) -> HttpResponse:
        if len(arrival.body) > http_api.LIMIT_BYTES:
            return http_api.message(413, "Request Entity Too Large")
        route = http_api.route_of(self._routes, arrival.method, urlsplit(arrival.target).path)
        if route is None:
            return http_api.message(404, "Not Found")
        request_id = self.new_request_id()
        event = http_api.event_of(arrival, route, request_id, self.clock.now())
        try:
            outcome = self.call(route.function, json.dumps(event).encode(), request_id)
        except ThrottledError:
            return http_api.message(503, "Service Unavailable")
        except TooLargeError:
            return http_api.message(413, "Request Entity Too Large")
        return http_api.response_of(outcome)


def _lost() -> Exception:
    return TransportError("no answer", sent=True)

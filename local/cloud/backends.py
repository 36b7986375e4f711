"""What differs between the two modes: where functions run, whose clock it is, what drives the queue, what AWS is."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random, SystemRandom
from typing import Any, Protocol
from urllib.parse import urlsplit

from dbsbm.core.http import HttpRequest, HttpResponse, Transport, TransportError
from infra.catalog import Catalog, Function
from local.cloud.asynchronous import EventQueue, Pending
from local.cloud.aws import INSIDE, Aws, Elsewhere, MotoInside, MotoProcess, create_resources
from local.cloud.buckets import KeptBuckets
from local.cloud.children import Children
from local.cloud.clock import MovableClock, TravelClock, VirtualClock
from local.cloud.errors import CloudError
from local.cloud.execution import Names, Outcome, catalog_variables, lambda_variables, secret_values, variable_of
from local.cloud.faults import Armed
from local.cloud.gateway import Gateway, Host
from local.cloud.in_process import InProcess, Surroundings
from local.cloud.processes import Processes
from local.cloud.release import SECOND, Hooks, Release
from local.cloud.wire import Server

STUCK_AFTER_S = 120.0
_REAP_EVERY_S = 5.0
_END_WITHIN_S = 5.0


class CloudHost(Host, Protocol):
    """What a backend needs of the cloud around it."""

    queue: EventQueue
    armed: Armed

    def call(self, name: str, payload: bytes, request_id: str, attempt: int = 1) -> Outcome: ...

    def accept(self, name: str, payload: bytes, request_id: str) -> None: ...

    def next_work(self) -> Pending | None: ...

    def attempt(self, pending: Pending) -> None: ...

    def next_due(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What a cloud is made of. ``kept`` says whether ``state`` outlives the cloud, generated secrets with it."""

    catalog: Catalog
    names: Names
    settings: Mapping[str, str]
    functions: Path
    state: Path
    kept: bool
    seed: int
    outside: Transport | None
    endpoint_port: int
    idle_s: float


class Backend(Protocol):
    clock: MovableClock
    endpoint: str
    hooks: Hooks

    def start(self) -> None: ...

    def run(self, function: Function, payload: bytes, request_id: str, arn: str) -> Outcome: ...

    def settle(self) -> None:
        """Return when nothing is due any more."""
        ...

    def logs(self, name: str) -> list[dict[str, Any]]: ...

    def kill_running(self, name: str | None) -> int: ...

    def aws(self) -> Aws: ...

    def stop(self) -> None: ...


class InProcessBackend:
    """One thread, a virtual clock; nothing happens but when somebody calls."""

    def __init__(self, plan: Plan, host: CloudHost, clock: VirtualClock | None) -> None:
        self.clock: MovableClock = clock or VirtualClock()
        self.endpoint = INSIDE
        self.hooks = Hooks()
        self._plan = plan
        self._host = host
        self._aws: Aws | None = None
        self._secrets = secret_values(plan.catalog, plan.settings, Random(plan.seed))  # noqa: S311 — repeatable, for tests
        self._runner = InProcess(
            Surroundings(
                clock=self.clock,
                armed=lambda: host.armed,
                environ_of=self._environ_of,
                call=lambda name, payload: host.call(name, payload, host.new_request_id()),
                accept=lambda name, payload: host.accept(name, payload, host.new_request_id()),
                carry=self._carry,
                may_invoke=host.roles.may_invoke,
                seed=plan.seed,
                functions=plan.functions,
            )
        )

    def start(self) -> None:
        """Nothing to start."""

    def run(self, function: Function, payload: bytes, request_id: str, arn: str) -> Outcome:
        return self._runner.run(function, payload, request_id, arn)

    def settle(self) -> None:
        while (pending := self._host.next_work()) is not None:
            self._host.attempt(pending)

    def logs(self, name: str) -> list[dict[str, Any]]:
        return self._runner.logs(name)

    def kill_running(self, name: str | None) -> int:
        """Nothing runs between two calls: kill at a crossing instead."""
        raise CloudError(f"no process of {name or 'any function'} here; use Faults.kill")

    def aws(self) -> Aws:
        if self._aws is None:
            self._aws = MotoInside()
            create_resources(self._plan.catalog, self._plan.names, self._secrets, self._aws)
        return self._aws

    def stop(self) -> None:
        self._runner.stop()

    def _environ_of(self, function: Function) -> Mapping[str, str]:
        resolved = catalog_variables(function, self._plan.settings, self._plan.names, INSIDE)
        return {**lambda_variables(function, self._plan.names), "AWS_ENDPOINT_URL": INSIDE, **resolved}

    def _carry(self, function: str, request: HttpRequest) -> HttpResponse:
        if request.url.startswith(INSIDE):
            return self._host.roles.carry(function, request, self._ask_aws)
        if self._plan.outside is None:
            raise TransportError(f"no way to {urlsplit(request.url).netloc}", sent=False)
        return self._plan.outside(request)

    def _ask_aws(self, request: HttpRequest) -> HttpResponse:
        """Moto takes a second to load: until something else is asked of AWS, secrets are what they would be there."""
        told = self.hooks.answer(request)
        if told is not None:
            return told
        if self._aws is None and request.headers.get("x-amz-target") == "secretsmanager.GetSecretValue":
            spoken = json.loads(request.body)
            name = spoken["SecretId"].removeprefix(self._plan.names.prefix)
            value = self._secrets.get(name.upper().replace("-", "_"))
            if spoken.get("VersionStage") == "AWSCURRENT" and "VersionId" not in spoken and value is not None:
                return HttpResponse(200, {}, json.dumps({"SecretString": value}).encode())
        return self.aws()(request)


class ProcessBackend:
    """Processes, a clock that runs, a thread that drives the queue, an endpoint for AWS's APIs."""

    def __init__(self, plan: Plan, host: CloudHost, clock: VirtualClock | None) -> None:
        self.clock: MovableClock = TravelClock(plan.state / "clock", clock.now() if clock else None)
        self.children = Children()
        self._plan = plan
        self._host = host
        self._aws: Aws | None = None
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._server = Server(Gateway(host, self._ask_aws), plan.endpoint_port)
        self.endpoint = f"http://127.0.0.1:{self._server.port}"
        self.runner = Processes(plan.catalog, self._environ_of, self.children, plan.functions, plan.state / "logs")
        self._driver = threading.Thread(target=self._drive, name="driver", daemon=True)
        self.hooks = Hooks()
        self._release: Release | None = None

    def start(self) -> None:
        self._driver.start()

    def run(self, function: Function, payload: bytes, request_id: str, arn: str) -> Outcome:
        release = self._release
        if release is not None and release.takes(function.name, arn.rpartition(":")[2]):
            return release.run(function, payload, request_id, arn)
        return self.runner.run(function, payload, request_id, arn)

    def release(self, functions: Path) -> Release:
        logs = self._plan.state / f"logs-{SECOND}"
        second = Processes(self._plan.catalog, self._environ_of, self.children, functions.resolve(), logs)
        self._release = Release(second, self._plan.seed)
        return self._release

    def settle(self) -> None:
        queue = self._host.queue
        with queue.changed:
            queue.changed.notify_all()
            while self._due() or not queue.idle():
                # A slow machine works on for long; one where nothing is handed out or ends any more hangs.
                if not queue.changed.wait(STUCK_AFTER_S):
                    raise CloudError(f"work is left, and none of it began or ended for {STUCK_AFTER_S:.0f} s")

    def logs(self, name: str) -> list[dict[str, Any]]:
        return self.runner.logs(name)

    def kill_running(self, name: str | None) -> int:
        return self.runner.kill_running(name)

    def aws(self) -> Aws:
        with self._lock:
            if self._aws is None:
                self._aws = self._start_aws()
            return self._aws

    def stop(self) -> None:
        self._stopped.set()
        with self._host.queue.changed:
            self._host.queue.changed.notify_all()
        self._server.stop()
        self.children.stop()
        self._driver.join(_END_WITHIN_S)
        with self._host.queue.changed:
            self._host.queue.changed.wait_for(self._host.queue.idle, _END_WITHIN_S)

    def _ask_aws(self, request: HttpRequest) -> HttpResponse:
        return self.hooks.answer(request) or self.aws()(request)

    def _start_aws(self) -> Aws:
        elsewhere = self._plan.settings.get("AWS_ENDPOINT_URL")
        if elsewhere:
            from dbsbm.core.transport import PooledTransport  # noqa: PLC0415 — urllib3, for this case alone

            return Elsewhere(elsewhere, PooledTransport())
        started = MotoProcess(self.children, self._plan.state / "logs" / "moto.log")
        create_resources(self._plan.catalog, self._plan.names, self._secret_values(), started)
        if not self._plan.kept:
            return started
        # What raw documents say is in the database; there are thousands of them.
        return KeptBuckets(started, self._plan.state / "buckets", left_out=(self._plan.names.of("feeds"),))

    def _secret_values(self) -> Mapping[str, str]:
        """Generated secrets are kept beside the data they encrypt."""
        file = self._plan.state / "secrets.json"
        kept: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
        values = secret_values(self._plan.catalog, {**kept, **self._plan.settings}, SystemRandom())
        if self._plan.kept:
            generated = {variable_of(secret) for secret in self._plan.catalog.secrets if secret.generated_bytes}
            file.touch(mode=0o600)
            file.write_text(json.dumps({name: value for name, value in values.items() if name in generated}))
        return values

    def _environ_of(self, function: Function) -> Mapping[str, str]:
        return {
            **lambda_variables(function, self._plan.names),
            "AWS_ENDPOINT_URL": self.endpoint,
            "DBSBM_CLOCK_FILE": str(self._plan.state / "clock"),
            **catalog_variables(function, self._settings(), self._plan.names, self.endpoint),
        }

    def _settings(self) -> Mapping[str, str]:
        """Which version is new is known once there are two."""
        return self._plan.settings if self._release is None else {**self._plan.settings, "NEW_VERSION": SECOND}

    def _due(self) -> bool:
        due = self._host.next_due()
        return due is not None and due <= self.clock.now()

    def _drive(self) -> None:
        """Hand out what is due, each attempt to a thread of its own; end processes that idle."""
        reap_at = time.monotonic() + _REAP_EVERY_S
        while not self._stopped.is_set():
            pending = self._host.next_work()
            if pending is not None:
                threading.Thread(target=self._host.attempt, args=(pending,), daemon=True).start()
                continue
            if time.monotonic() >= reap_at:
                self.runner.reap(self._plan.idle_s)
                reap_at = time.monotonic() + _REAP_EVERY_S
            with self._host.queue.changed:
                if not self._due() and not self._stopped.is_set():
                    self._host.queue.changed.wait(self._pause_s())

    def _pause_s(self) -> float:
        due = self._host.next_due()
        left = (due - self.clock.now()) if due else timedelta(seconds=1)
        return min(max(left.total_seconds(), 0.001), 1.0)

"""Process mode: every function in processes of AWS's own runtime client."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.catalog import Catalog, Function
from local.cloud.children import Children
from local.cloud.execution import LAYER, Outcome
from local.cloud.workers import Pool, Worker

_DECODER = json.JSONDecoder()


class Processes:
    """Pools of processes, started at the first call of a function. Log files lie in ``logs/<name>-<slot>.log``."""

    def __init__(
        self,
        catalog: Catalog,
        environ_of: Callable[[Function], Mapping[str, str]],
        children: Children,
        functions: Path,
        logs: Path,
    ) -> None:
        self._environ_of = environ_of
        self._children = children
        self._functions = functions
        self._logs = logs
        logs.mkdir(parents=True, exist_ok=True)
        self._pools = {function.name: self._pool(function) for function in catalog.functions}

    def run(self, function: Function, payload: bytes, request_id: str, arn: str) -> Outcome:
        """Run one invocation in an idle process or a new one.

        Raises
        ------
        ThrottledError
            When the function's concurrency is used up.
        """
        pool = self._pools[function.name]
        worker = pool.take()
        try:
            outcome = worker.invoke(payload, request_id, arn)
        finally:
            pool.give_back(worker)
        _report(worker.log, function, request_id, outcome)
        return outcome

    def logs(self, name: str) -> list[dict[str, Any]]:
        """Every line of a function's processes; one that is not JSON stands under ``message``."""
        lines: list[dict[str, Any]] = []
        for file in sorted(self._logs.glob(f"{name}-*.log")):
            for line in file.read_text(errors="replace").splitlines():
                lines += records(line)
        return lines

    def size(self, name: str) -> int:
        """How many processes of a function there are."""
        return self._pools[name].size()

    def kill_running(self, name: str | None = None) -> int:
        """``kill -9`` what is at work now, of one function or of all; returns how many that were."""
        pools = self._pools.values() if name is None else (self._pools[name],)
        busy = [worker for pool in pools for worker in pool.busy()]
        for worker in busy:
            worker.kill()
        return len(busy)

    def reap(self, idle_s: float) -> None:
        for pool in self._pools.values():
            pool.reap(idle_s)

    def _pool(self, function: Function) -> Pool:
        def start(slot: int) -> Worker:
            environ = {
                "PATH": os.environ.get("PATH", os.defpath),
                "PYTHONPATH": f"{self._functions}{os.pathsep}{LAYER}",
                "LAMBDA_TASK_ROOT": str(self._functions),
                **measured(os.environ),
                **self._environ_of(function),
            }
            log = self._logs / f"{function.name}-{slot:03d}.log"
            return Worker(function, environ, self._children, log, self._functions)

        return Pool(function, start)


def measured(environ: Mapping[str, str]) -> Mapping[str, str]:
    """What makes a process of a function part of a measurement of coverage, when there is one."""
    return {name: value for name, value in environ.items() if name.startswith("COVERAGE_")}


def records(line: str) -> list[dict[str, Any]]:
    """What stands in a line: the runtime client ends its own JSON without a line feed, so several documents may."""
    found, rest = [], line.strip()
    while rest.startswith("{"):
        try:
            document, end = _DECODER.raw_decode(rest)
        except ValueError:
            break
        found.append(document)
        rest = rest[end:].lstrip()
    return [*found, as_record(rest)] if rest else found


def as_record(line: str) -> dict[str, Any]:
    """A line of a log as a document."""
    try:
        document = json.loads(line)
    except ValueError:
        return {"message": line}
    return document if isinstance(document, dict) else {"message": line}


def _report(log: Path, function: Function, request_id: str, outcome: Outcome) -> None:
    """Lambda's own closing line of an invocation (JSON logging, ``platform.report``)."""
    metrics: dict[str, float] = {"durationMs": round(outcome.duration_ms, 2), "memorySizeMB": function.memory_mb}
    if outcome.init_ms is not None:
        metrics["initDurationMs"] = round(outcome.init_ms, 2)
    if outcome.memory_mb is not None:
        metrics["maxMemoryUsedMB"] = round(outcome.memory_mb, 1)
    record = {"requestId": request_id, "status": "error" if outcome.failed else "success", "metrics": metrics}
    line = {"time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z", "type": "platform.report", "record": record}
    with contextlib.suppress(FileNotFoundError), log.open("a") as file:  # a stopped cloud takes its folder along
        file.write(json.dumps(line) + "\n")

"""One execution environment as a process: AWS's own runtime client against our Runtime API, and the pool of them.

The Runtime API (AWS, Lambda developer guide, "Using the Lambda runtime API") is spoken by the thread that invokes: it
answers the waiting ``next``, and reads the ``response`` that follows. Nothing runs between invocations.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from subprocess import Popen, TimeoutExpired
from threading import Condition, Thread
from typing import BinaryIO

from infra.catalog import Function, Schedule
from local.cloud import wire
from local.cloud.children import Children
from local.cloud.errors import ThrottledError
from local.cloud.execution import Outcome, crashed, timed_out

INIT_WITHIN_S = 30.0
"""More than Lambda's 10 s: a laptop starts twenty processes at once on two cores."""
RESPONSE_LIMIT = 6 * 1024 * 1024
_SLICE_S = 0.25
_NEXT_WITHIN_S = 2.0
"""How soon after its response a client asks for the next invocation, at the very latest."""


class _GoneError(Exception):
    """The process ended."""


class _LateError(Exception):
    """The time is up."""


def works_by_itself(function: Function) -> bool:
    """Whether a schedule wakes it, so that nobody waits. A laptop's functions share the cores; in AWS they do not."""
    return any(isinstance(trigger, Schedule) for trigger in function.triggers)


class Worker:
    """One process. Not for several threads at once: an environment serves one invocation at a time."""

    def __init__(
        self, function: Function, environ: Mapping[str, str], children: Children, log: Path, cwd: Path
    ) -> None:
        self.log = log
        self.idle_since = time.monotonic()
        self._function = function
        self._children = children
        self._listener = socket.create_server(("127.0.0.1", 0))
        address = "{}:{}".format(*self._listener.getsockname())
        self._streams: dict[socket.socket, BinaryIO] = {}
        self._waiting: socket.socket | None = None
        self._began: Outcome | Exception | None = None
        """How its start ended, when that was not by asking for an invocation."""
        self._init_ms: float | None = None
        """What its start took, until an invocation tells it."""
        self._started = time.perf_counter()
        command = [sys.executable, "-m", "awslambdaric", f"{function.name}.handler.handler"]
        told, behind = {**environ, "AWS_LAMBDA_RUNTIME_API": address}, works_by_itself(function)
        self._process: Popen[bytes] = children.start(command, told, log, cwd, self._hang_up, behind=behind)

    def alive(self) -> bool:
        return self._process.poll() is None

    def start(self) -> None:
        """Wait until it asks for its first invocation; one that never does tells it to whoever invokes it."""
        try:
            self._began = self._initialise()
        except _LateError as error:
            self._began = error
        except (_GoneError, OSError):  # hung up on, perhaps, by a cloud that stops
            self._began = _GoneError()
        self._init_ms = _since(self._started)

    def ready(self) -> bool:
        """Whether it has something to say to an invocation: one that died while idle has hung up."""
        if self._began is not None:
            return True
        try:
            if self._waiting is None:
                self._receive(_NEXT_WITHIN_S)
        except (_GoneError, _LateError):
            return False
        readable, _, _ = select.select([waiting for waiting in (self._waiting,) if waiting], [], [], 0)
        return self.alive() and not readable

    def invoke(self, payload: bytes, request_id: str, arn: str) -> Outcome:
        """Run one invocation. After a crash or a timeout the process is gone and :meth:`alive` is false."""
        init_ms, self._init_ms = self._init_ms, None
        if isinstance(self._began, Outcome):
            return self._began
        began = time.perf_counter()
        try:
            if self._began is not None:
                raise self._began
            self._hand_over(payload, request_id, arn)
            answer = self._receive(self._function.timeout_s)
            self._acknowledge()
        except _LateError:
            self.end()
            return Outcome(timed_out(request_id, self._function.timeout_s), True, _since(began), init_ms)
        except _GoneError:
            how = _how_it_ended(self.end())
            return Outcome(crashed(request_id, how), True, _since(began), init_ms)
        failed = not answer.target.endswith("/response")
        if len(answer.body) > RESPONSE_LIMIT:
            failed, answer = True, _too_large(answer)
        return Outcome(answer.body or b"null", failed, _since(began), init_ms, self._memory_mb())

    def kill(self) -> None:
        """As ``kill -9`` from outside: whoever waits for it notices by itself."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def end(self) -> int:
        """End the process and close every socket; returns its exit status."""
        # A process that is ending by itself gets a moment, so that its own status is what is reported.
        with contextlib.suppress(TimeoutExpired):
            self._process.wait(0.05)
        status = self._children.end(self._process)
        for connection, stream in self._streams.items():
            stream.close()
            connection.close()
        self._streams.clear()
        self._listener.close()
        return status

    def _hang_up(self) -> None:
        """Break every connection, from whichever thread: they are shut down here and closed by :meth:`end`."""
        for connection in (*self._streams, self._listener):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _initialise(self) -> Outcome | None:
        """Wait for the first ``next``; an import that fails posts ``init/error`` instead."""
        request = self._receive(INIT_WITHIN_S)
        if not request.target.endswith("/init/error"):
            return None
        self._acknowledge()
        self.end()
        return Outcome(request.body, True, _since(self._started))

    def _hand_over(self, payload: bytes, request_id: str, arn: str) -> None:
        if self._waiting is None:
            self._receive(INIT_WITHIN_S)
        deadline_ms = int((time.time() + self._function.timeout_s) * 1000)
        headers = (
            ("Content-Type", "application/json"),  # without it the client waits for ever
            ("Lambda-Runtime-Aws-Request-Id", request_id),
            ("Lambda-Runtime-Deadline-Ms", str(deadline_ms)),
            ("Lambda-Runtime-Invoked-Function-Arn", arn),
        )
        self._answer(wire.Response(200, headers, payload))

    def _acknowledge(self) -> None:
        self._answer(wire.Response(202, (("Content-Type", "application/json"),), b'{"status":"OK"}'))

    def _answer(self, response: wire.Response) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is None:
            raise _GoneError
        try:
            wire.write_response(waiting, response)
        except OSError as error:
            raise _GoneError from error

    def _receive(self, within_s: float) -> wire.Request:
        """The client's next request; its connection is the one to answer."""
        until = time.monotonic() + within_s
        while True:
            left = until - time.monotonic()
            if left <= 0:
                raise _LateError
            ready, _, _ = select.select([self._listener, *self._streams], [], [], min(left, _SLICE_S))
            for readable in ready:
                if readable is self._listener:
                    self._accept()
                    continue
                request = self._read(readable)
                if request is not None:
                    self._waiting = readable
                    return request
            if not ready and self._process.poll() is not None:
                raise _GoneError
            if ready and not self._streams and self._process.poll() is not None:
                raise _GoneError

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError as error:  # hung up
            raise _GoneError from error
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._streams[connection] = connection.makefile("rb")

    def _read(self, connection: socket.socket) -> wire.Request | None:
        try:
            request = wire.read_request(self._streams[connection], connection)
        except (OSError, wire.WireError):
            request = None
        if request is None:
            self._streams.pop(connection).close()
            connection.close()
        return request

    def _memory_mb(self) -> float | None:
        """The process's high-water mark; None where there is no /proc."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_bytes()
        except OSError:
            return None
        return high_water_mark_mb(status)


class Pool:
    """The processes of one function: the one used last goes first, never more than the catalog's concurrency.

    Who finds none idle has another started, and takes whichever is there first: that one or one that somebody gives
    back meanwhile. They start one after the other, so that a crowd at the door does not take the cores from those who
    could serve it.
    """

    def __init__(self, function: Function, start: Callable[[int], Worker]) -> None:
        self._function = function
        self._start = start
        self._idle: list[Worker] = []
        self._busy: dict[Worker, int] = {}
        self._slots: dict[Worker, int] = {}
        self._waiting = 0
        self._starting = False
        self._changed = Condition()

    def take(self) -> Worker:
        """An idle process, or the first that is.

        Raises
        ------
        ThrottledError
            When all that may be are at work.
        """
        with self._changed:
            worker = self._rested()
            if worker is None:
                worker = self._awaited()
            self._busy[worker] = self._slots[worker]
            return worker

    def give_back(self, worker: Worker) -> None:
        with self._changed:
            self._busy.pop(worker)
            worker.idle_since = time.monotonic()
            if worker.alive():
                self._idle.append(worker)
            else:
                del self._slots[worker]
            self._changed.notify_all()

    def _rested(self) -> Worker | None:
        while self._idle:
            worker = self._idle.pop()
            if worker.ready():
                return worker
            worker.end()
            del self._slots[worker]
        return None

    def _awaited(self) -> Worker:
        if len(self._busy) + self._waiting >= self._function.concurrency:
            raise ThrottledError(f"{self._function.name}: {self._function.concurrency} at work")
        self._waiting += 1
        try:
            while True:
                self._start_another()
                self._changed.wait()
                worker = self._rested()
                if worker is not None:
                    return worker
        finally:
            self._waiting -= 1

    def _start_another(self) -> None:
        free = set(range(self._function.concurrency)) - set(self._slots.values())
        if self._starting or not free:
            return
        slot = min(free)
        worker = self._start(slot)
        self._slots[worker] = slot
        self._starting = True
        Thread(target=self._started, args=(worker,), name=f"start:{self._function.name}", daemon=True).start()

    def _started(self, worker: Worker) -> None:
        worker.start()
        with self._changed:
            self._starting = False
            worker.idle_since = time.monotonic()
            self._idle.insert(0, worker)
            self._changed.notify_all()

    def reap(self, idle_s: float) -> int:
        """End processes idle for longer than ``idle_s`` seconds; returns how many."""
        before = time.monotonic() - idle_s
        with self._changed:
            old = [worker for worker in self._idle if worker.idle_since <= before]
            for worker in old:
                self._idle.remove(worker)
                del self._slots[worker]
        for worker in old:
            worker.kill()
            worker.end()
        return len(old)

    def busy(self) -> list[Worker]:
        with self._changed:
            return list(self._busy)

    def size(self) -> int:
        with self._changed:
            return len(self._slots)


def high_water_mark_mb(status: bytes) -> float | None:
    """``VmHWM`` of a ``/proc/<id>/status``; None for a process that has just ended, which has no memory left."""
    words = status.partition(b"VmHWM:")[2].split(None, 1)
    return int(words[0]) / 1024 if words else None


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000


def _how_it_ended(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    return f"signal: {'killed' if status == -signal.SIGKILL else signal.Signals(-status).name}"


def _too_large(answer: wire.Request) -> wire.Request:
    text = f"Response payload size exceeded maximum allowed payload size ({RESPONSE_LIMIT} bytes)."
    body = f'{{"errorType":"Function.ResponseSizeTooLarge","errorMessage":"{text}"}}'.encode()
    return wire.Request(answer.method, answer.target, answer.headers, body)

"""In-process mode: the same handlers in this interpreter, one thread, a virtual clock, a fault at any crossing."""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar
from urllib.parse import urlsplit

from dbsbm.core.clock import Clock
from dbsbm.core.errors import InvokeError, InvokeLateError
from dbsbm.core.http import HttpRequest, HttpResponse, TransportError
from infra.catalog import Function
from local.cloud.aws import INSIDE, headers
from local.cloud.errors import CloudError
from local.cloud.execution import Outcome, crashed, timed_out
from local.cloud.faults import Armed, Killed
from local.cloud.output import Output

if TYPE_CHECKING:
    from dbsbm.database.connection import Connection
    from dbsbm.environment import Environment

T = TypeVar("T")
Handler = Callable[[Any, Any], Any]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the cloud around gives to its functions."""

    clock: Clock
    armed: Callable[[], Armed]
    environ_of: Callable[[Function], Mapping[str, str]]
    call: Callable[[str, bytes], Outcome]
    """A synchronous invocation by catalog name; raises CloudError when it is refused."""
    accept: Callable[[str, bytes], None]
    """An asynchronous one."""
    carry: Callable[[str, HttpRequest], HttpResponse]
    """A function's request to AWS or to the outside."""
    may_invoke: Callable[[str, str], bool]
    seed: int
    functions: Path


@dataclass(eq=False, slots=True)
class _Sandbox:
    """One simulated execution environment."""

    function: Function
    environ: Mapping[str, str]
    handler: Handler | None = None
    environment: Environment | None = None
    connections: list[Connection] = field(default_factory=list)
    dead: bool = False

    def die(self) -> None:
        """Gone without a word: the server sees its connections break, nothing is committed."""
        self.dead = True
        for connection in self.connections:
            # A clean close would say goodbye, which the dead do not.
            connection._force_close()  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class _Frame:
    sandbox: _Sandbox
    request_id: str
    deadline: datetime


_NO_LIMIT = "0"
"""Of memory, in MB: one process holds all functions and the world around them, so its size is no function's."""


@dataclass(frozen=True, slots=True)
class Context:
    """The context object of Lambda's Python runtime, as far as handlers read it."""

    aws_request_id: str
    function_name: str
    invoked_function_arn: str
    memory_limit_in_mb: str
    log_group_name: str
    log_stream_name: str
    _clock: Clock
    _deadline: datetime
    function_version: str = "$LATEST"

    def get_remaining_time_in_millis(self) -> int:
        return max(int((self._deadline - self._clock.now()).total_seconds() * 1000), 0)


@dataclass(frozen=True, slots=True)
class _SkewedClock:
    """The cloud's clock, as far off as the faults of the moment make it."""

    clock: Clock
    off_s: Callable[[], float]

    def now(self) -> datetime:
        off_s = self.off_s()
        return self.clock.now() + timedelta(seconds=off_s) if off_s else self.clock.now()

    def sleep(self, seconds: float) -> None:
        self.clock.sleep(seconds)


class InProcess:
    """Runs handlers and counts their crossings."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._idle: defaultdict[str, list[_Sandbox]] = defaultdict(list)
        self._frames: list[_Frame] = []
        self._made = 0
        self._output = Output(self._running)
        if str(around.functions) not in sys.path:
            sys.path.insert(0, str(around.functions))

    def run(self, function: Function, payload: bytes, request_id: str, arn: str) -> Outcome:
        """Run one invocation to its end; a kill or a timeout ends the environment and counts as a crash."""
        idle = self._idle[function.name]
        sandbox = idle.pop() if idle else _Sandbox(function, self._around.environ_of(function))
        began = self._around.clock.now()
        frame = _Frame(sandbox, request_id, began + timedelta(seconds=function.timeout_s))
        self._frames.append(frame)
        try:
            with self._output.taken(), _variables(sandbox.environ):
                body, failed = self._handled(frame, payload, arn)
        except Killed:
            late = self._around.clock.now() > frame.deadline
            body = timed_out(request_id, function.timeout_s) if late else crashed(request_id, "signal: killed")
            failed = True
        finally:
            self._frames.pop()
            if not sandbox.dead:
                idle.append(sandbox)
        return Outcome(body, failed, (self._around.clock.now() - began).total_seconds() * 1000)

    def logs(self, name: str) -> list[dict[str, Any]]:
        return self._output.logs(name)

    def stop(self) -> None:
        for sandboxes in self._idle.values():
            for sandbox in sandboxes:
                sandbox.die()
        self._idle.clear()

    def _handled(self, frame: _Frame, payload: bytes, arn: str) -> tuple[bytes, bool]:
        try:
            answer = self._answer(frame, payload, arn)
            body, failed = json.dumps(answer).encode(), False
        except Exception as error:
            body, failed = _error(error, frame.request_id), True
        if frame.sandbox.dead:
            raise Killed  # a clean-up on the way out turned the kill into an error of its own
        self._return(frame)
        return body, failed

    def _answer(self, frame: _Frame, payload: bytes, arn: str) -> Any:
        sandbox = frame.sandbox
        if sandbox.handler is None:
            self._build(sandbox)
        context = Context(
            frame.request_id,
            sandbox.environ["AWS_LAMBDA_FUNCTION_NAME"],
            arn,
            _NO_LIMIT,
            sandbox.environ["AWS_LAMBDA_LOG_GROUP_NAME"],
            sandbox.environ["AWS_LAMBDA_LOG_STREAM_NAME"],
            self._around.clock,
            frame.deadline,
        )
        assert sandbox.handler is not None
        with _installed(sandbox.environment):
            return sandbox.handler(json.loads(payload), context)

    def _return(self, frame: _Frame) -> None:
        """The last crossing: killed before it the answer is lost, after it only the environment is."""
        if self._around.clock.now() > frame.deadline:
            self._kill(frame)
        when = self._around.armed().cross(frame.sandbox.function.name, "return", frame.sandbox.function.name)
        if "before" in when:
            self._kill(frame)
        if "after" in when:
            frame.sandbox.die()

    def _cross(self, kind: str, detail: str, action: Callable[[], T]) -> T:
        frame = self._frames[-1]
        if frame.sandbox.dead or self._around.clock.now() > frame.deadline:
            self._kill(frame)
        when = self._around.armed().cross(frame.sandbox.function.name, kind, detail)
        if "before" in when:
            self._kill(frame)
        try:
            return action()
        finally:
            if "after" in when:
                self._kill(frame)

    def _kill(self, frame: _Frame) -> NoReturn:
        frame.sandbox.die()
        raise Killed

    def _running(self) -> tuple[str, str]:
        if not self._frames:
            return "", ""
        return self._frames[-1].sandbox.function.name, self._frames[-1].request_id

    def _build(self, sandbox: _Sandbox) -> None:
        """What a cold start does. The front door brings its own environment, the others take the workers'."""
        self._made += 1
        name = sandbox.function.name
        if name == "interactions":
            sandbox.handler = self._front_door(sandbox.environ)
            return
        sandbox.environment = self._environment(sandbox)
        sandbox.handler = importlib.import_module(f"{name}.handler").handler

    def _front_door(self, environ: Mapping[str, str]) -> Handler:
        clock = self._own_clock()
        front_door = importlib.import_module("interactions.front_door").FrontDoor.from_environ(
            environ, now=lambda: clock.now().timestamp(), invoke=self._invoke, log=print
        )
        return lambda event, context: front_door(event, context.aws_request_id)

    def _environment(self, sandbox: _Sandbox) -> Environment:
        from dbsbm import wiring  # noqa: PLC0415 — imports every adapter

        return wiring.build(
            sandbox.environ,
            clock=self._own_clock(),
            random=Random(f"{self._around.seed}:{self._made}"),  # noqa: S311 — repeatable, for tests
            connect=lambda url: self._connect(sandbox, url),
            transport=self._carry,
            invoke=self._invoke,
            secrets=lambda target, body: self._secrets(sandbox.function.name, target, body),
        )

    def _own_clock(self) -> Clock:
        """The clock of the environment that is made now."""
        sign = 1 if self._made % 2 else -1
        return _SkewedClock(self._around.clock, lambda: sign * self._around.armed().skew_s())

    def _secrets(self, function: str, target: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """A call of Secrets Manager: part of a cold start, so no crossing of its own."""
        request = HttpRequest(
            "POST", f"{INSIDE}/", {"x-amz-target": target, **headers("secretsmanager")}, json.dumps(body).encode()
        )
        answer = self._around.carry(function, request)
        document: dict[str, Any] = json.loads(answer.body)
        if answer.status != 200:
            raise InvokeError(f"{target}: {answer.status} {document.get('__type', '')}")
        return document

    def _connect(self, sandbox: _Sandbox, url: str) -> Connection:
        from dbsbm.database.connection import connect_from_url  # noqa: PLC0415 — functions without a database

        if sandbox.dead:
            raise Killed
        connection = connect_from_url(url)
        plain_query, plain_commit = connection.query, connection.commit

        def query(sql: str | bytes, unbuffered: bool = False) -> int:
            text = sql if isinstance(sql, str) else bytes(sql).decode(errors="replace")
            return self._cross("sql", " ".join(text.split())[:80], lambda: plain_query(sql, unbuffered))

        def commit() -> None:
            self._cross("commit", "COMMIT", plain_commit)

        for name, crossed in (("query", query), ("commit", commit)):
            setattr(connection, name, crossed)
        sandbox.connections.append(connection)
        return connection

    def _carry(self, request: HttpRequest) -> HttpResponse:
        def lost() -> Exception:
            self._around.clock.sleep(request.timeout_s)
            return TransportError("no answer", sent=True)

        caller = self._frames[-1].sandbox.function.name
        return self._cross(
            "http",
            f"{request.method} {urlsplit(request.url).path}",
            lambda: self._around.armed().carry("http", lambda: self._around.carry(caller, request), lost),
        )

    def _invoke(
        self, function: str, payload: dict[str, Any], *, asynchronous: bool, timeout_s: float
    ) -> dict[str, Any] | None:
        body = json.dumps(payload).encode()

        def lost() -> Exception:
            self._around.clock.sleep(timeout_s)
            return InvokeLateError(f"{function}: no answer")

        caller = self._frames[-1].sandbox.function.name

        def deliver() -> dict[str, Any] | None:
            if not self._around.may_invoke(caller, function):
                raise InvokeError(f"{function}: refused, status 403 AccessDeniedException")
            try:
                if asynchronous:
                    self._around.accept(function, body)
                    return None
                return self._waited(function, body, timeout_s)
            except CloudError as error:
                raise InvokeError(f"{function}: {error}") from error

        how = "asynchronously" if asynchronous else "and wait"
        return self._cross("invoke", f"{function} {how}", lambda: self._around.armed().carry("invoke", deliver, lost))

    def _waited(self, function: str, body: bytes, timeout_s: float) -> dict[str, Any]:
        """The answer of another function. One that takes too long is run to its end all the same."""
        outcome = self._around.call(function, body)
        if outcome.duration_ms > timeout_s * 1000:
            raise InvokeLateError(f"{function}: no answer within {timeout_s:.1f} s")
        document = outcome.document()
        if outcome.failed or not isinstance(document, dict):
            raise InvokeError(f"{function}: Unhandled")
        return document


def _installed(environment: Environment | None) -> Any:
    if environment is None:
        return nullcontext()
    from dbsbm.environment import installed  # noqa: PLC0415 — toy functions without one

    return installed(environment)


@contextmanager
def _variables(environ: Mapping[str, str]) -> Iterator[None]:
    """Make ``environ`` the whole environment for a while, as Python sees it: handlers start no processes.

    Telling the C library of seventy variables as well, there and back, takes as long as a small handler.
    """
    before, os.environ = os.environ, dict(environ)  # type: ignore[assignment]
    try:
        yield
    finally:
        os.environ = before  # noqa: B003 — that is meant


def _error(error: Exception, request_id: str) -> bytes:
    """An exception as the runtime client reports it."""
    document = {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "requestId": request_id,
        "stackTrace": traceback.format_tb(error.__traceback__),
    }
    return json.dumps(document).encode()

"""``AWS_ENDPOINT_URL``: Lambda's Invoke API in AWS's own shape, and everything else passed on to moto.

"Invoke" (AWS, Lambda API reference): ``POST /2015-03-31/functions/{FunctionName}/invocations?Qualifier=…``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from dbsbm.core.http import HttpRequest, HttpResponse, TransportError
from infra.catalog import Function
from local.cloud.errors import ThrottledError, TooLargeError
from local.cloud.execution import Names, Outcome
from local.cloud.roles import INVOKE, Roles
from local.cloud.signature import SignatureError, caller, link_of, verify
from local.cloud.wire import Request, Response, plain

_INVOKE = re.compile(r"/2015-03-31/functions/([^/]+)/invocations")
_HOP_BY_HOP = frozenset({"connection", "transfer-encoding", "content-length", "expect"})


class Host(Protocol):
    """The cloud behind the gateway."""

    names: Names
    roles: Roles

    def function(self, name: str) -> Function: ...

    def call_over_hop(self, name: str, payload: bytes, request_id: str, qualifier: str = "live") -> Outcome: ...

    def accept_over_hop(self, name: str, payload: bytes, request_id: str) -> None: ...

    def new_request_id(self) -> str: ...


class Gateway:
    """Answers requests to the endpoint. ``aws`` gives the rest of AWS, started with the first request for it."""

    def __init__(self, host: Host, aws: Callable[[HttpRequest], HttpResponse]) -> None:
        self._host = host
        self._aws = aws

    def __call__(self, request: Request, _client: str) -> Response | None:
        shape = _INVOKE.fullmatch(urlsplit(request.target).path)
        if shape is None:
            return self._passed_on(request)
        request_id = self._host.new_request_id()
        try:
            return self._invoked(request, unquote(shape[1]), request_id)
        except SignatureError as error:
            return _refused(403, error.code, str(error), request_id)
        except KeyError:
            return _refused(404, "ResourceNotFoundException", f"Function not found: {unquote(shape[1])}", request_id)
        except ThrottledError:
            return _refused(429, "TooManyRequestsException", "Rate Exceeded.", request_id)
        except TooLargeError as error:
            return _refused(413, "RequestTooLargeException", str(error), request_id)
        except ValueError as error:
            return _refused(400, "InvalidRequestContentException", f"Could not parse request body: {error}", request_id)
        except TransportError:
            return None

    def _invoked(self, request: Request, spoken: str, request_id: str) -> Response:
        """Do what the invocation type says.

        Raises
        ------
        SignatureError, KeyError, ThrottledError, TooLargeError, ValueError, TransportError
            For the answers above.
        """
        if request.method != "POST":
            return _refused(405, "MethodNotAllowedException", "Invoke is a POST", request_id)
        verify(request, "lambda", datetime.now(UTC))
        qualifier = parse_qs(urlsplit(request.target).query).get("Qualifier", [""])[0]
        name, named = self._host.names.catalog_name(f"{spoken}:{qualifier}" if qualifier else spoken)
        self._host.function(name)
        role = caller(request.header("authorization"))
        if role and not self._host.roles.may_invoke(role, name, named):
            return _refused(403, "AccessDeniedException", f"{role} is not authorized to perform: {INVOKE}", request_id)
        payload = request.body or b"{}"
        json.loads(payload)
        kind = request.header("x-amz-invocation-type", "RequestResponse")
        headers = {"x-amzn-requestid": request_id}
        if kind == "DryRun":
            return plain(204, headers, b"")
        if kind == "Event":
            self._host.accept_over_hop(name, payload, request_id)
            return plain(202, headers, b"")
        outcome = self._host.call_over_hop(name, payload, request_id, named)
        headers |= {
            "content-type": "application/json",
            "x-amz-executed-version": "$LATEST" if named == "$LATEST" else outcome.version,
        }
        if outcome.failed:
            headers["x-amz-function-error"] = "Unhandled"
        return plain(200, headers, outcome.payload)

    def _passed_on(self, request: Request) -> Response | None:
        url = f"http://{request.header('host', '127.0.0.1')}{request.target}"
        headers = {name: value for name, value in request.headers if name not in _HOP_BY_HOP}
        try:
            answer = self._answer(HttpRequest(request.method, url, headers, request.body, 30.0))
        except TransportError:
            return None
        return plain(answer.status, answer.headers, answer.body)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        role = caller(request.headers.get("authorization", "")) or link_of(request.url)
        return self._host.roles.carry(role, request, self._aws) if role else self._aws(request)


def _refused(status: int, code: str, text: str, request_id: str) -> Response:
    headers = {"content-type": "application/json", "x-amzn-errortype": code, "x-amzn-requestid": request_id}
    return plain(status, headers, json.dumps({"Type": "User", "message": text, "Message": text}).encode())

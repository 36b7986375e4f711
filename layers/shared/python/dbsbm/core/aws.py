"""AWS calls signed by hand: ``Invoke`` for functions, JSON calls for Secrets Manager. Standard library only.

boto3 costs a cold start 280 ms; the front door has none to give. Signature Version 4 as in "Create a signed AWS API
request" (AWS IAM user guide); ``tests/unit/test_aws_signing.py`` holds it to the published examples and to botocore.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from json import dumps, loads
from typing import Any, NamedTuple, Protocol

from dbsbm.core.errors import InvokeError, InvokeLateError, SettingsError
from dbsbm.core.wire import Answer, LateError, Wire, WireError, address_of

QUALIFIER = "live"
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")


class Credentials(NamedTuple):
    access_key: str
    secret_key: str
    session_token: str = ""


class Account(NamedTuple):
    """Whose calls, and where they go. ``endpoints`` overrides AWS's own addresses, by service; "" for all."""

    region: str
    credentials: Credentials
    endpoints: Mapping[str, str]

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Account:
        """Read the variables that every AWS client reads, ``AWS_ENDPOINT_URL_LAMBDA`` and its like included.

        Raises
        ------
        SettingsError
            When there are no credentials.
        """
        try:
            credentials = Credentials(environ["AWS_ACCESS_KEY_ID"], environ["AWS_SECRET_ACCESS_KEY"])
        except KeyError as error:
            raise SettingsError(f"{error.args[0]}: AWS credentials are needed") from error
        credentials = credentials._replace(session_token=environ.get("AWS_SESSION_TOKEN", ""))
        variable = "AWS_ENDPOINT_URL"
        endpoints = {
            name.removeprefix(variable).removeprefix("_").replace("_", "").lower(): value
            for name, value in environ.items()
            if value and (name == variable or name.startswith(f"{variable}_"))
        }
        return cls(environ.get("AWS_REGION") or "us-east-1", credentials, endpoints)

    def endpoint(self, service: str) -> str:
        return self.endpoints.get(service) or self.endpoints.get("") or f"https://{service}.{self.region}.amazonaws.com"


class Invoke(Protocol):
    """Invoke a function of the catalog by its name.

    Synchronously the function's answer comes back; asynchronously ``None`` once the hand-off is taken.

    Raises
    ------
    InvokeError
        When it could not be invoked, or failed.
    InvokeLateError
        When there was no answer within ``timeout_s`` seconds; it may still be at work.
    """

    def __call__(
        self, function: str, payload: dict[str, Any], *, asynchronous: bool, timeout_s: float
    ) -> dict[str, Any] | None: ...


class LambdaInvoke:
    """:class:`Invoke` over AWS's API, ``<prefix><name>:live``, on one connection kept between calls."""

    def __init__(self, account: Account, prefix: str, now: Callable[[], float] = time.time) -> None:
        self._account = account
        self._prefix = prefix
        self._now = now
        self._address = address_of(account.endpoint("lambda"))
        self._wire = Wire(self._address)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> LambdaInvoke:
        """From AWS's variables and ``DBSBM_FUNCTION_PREFIX``.

        Raises
        ------
        SettingsError
            When there are no credentials.
        """
        return cls(Account.from_environ(environ), environ.get("DBSBM_FUNCTION_PREFIX", "dbsbm-local-"))

    def __call__(
        self, function: str, payload: dict[str, Any], *, asynchronous: bool, timeout_s: float
    ) -> dict[str, Any] | None:
        path = f"/2015-03-31/functions/{quote(self._prefix + function)}/invocations"
        body = dumps(payload, separators=(",", ":")).encode()
        headers = sign(
            Request("POST", path, f"Qualifier={QUALIFIER}", body),
            {
                "host": self._address.authority,
                "content-type": "application/json",
                "x-amz-invocation-type": "Event" if asynchronous else "RequestResponse",
                **_trace_header(payload.get("traceparent")),
            },
            Scope(self._account.credentials, self._account.region, "lambda", self._now()),
        )
        try:
            answer = self._wire.post(f"{path}?Qualifier={QUALIFIER}", headers, body, timeout_s)
        except LateError as error:
            raise InvokeLateError(f"{function}: {error}") from error
        except WireError as error:
            raise InvokeError(f"{function}: {error}") from error
        return None if asynchronous and answer.status == 202 else _result(function, answer)


def call_json(
    account: Account, service: str, target: str, body: Mapping[str, Any], *, timeout_s: float = 3.0
) -> dict[str, Any]:
    """One call of an AWS JSON 1.1 service: ``target`` is "secretsmanager.GetSecretValue" for "secretsmanager".

    Raises
    ------
    InvokeError
        Naming the service's own error type when it refused.
    InvokeLateError
        When there was no answer within ``timeout_s`` seconds.
    """
    address = address_of(account.endpoint(service))
    data = dumps(body).encode()
    headers = sign(
        Request("POST", "/", "", data),
        {"host": address.authority, "content-type": "application/x-amz-json-1.1", "x-amz-target": target},
        Scope(account.credentials, account.region, service, time.time()),
    )
    wire = Wire(address)
    try:
        answer = wire.post("/", headers, data, timeout_s)
    except LateError as error:
        raise InvokeLateError(f"{target}: {error}") from error
    except WireError as error:
        raise InvokeError(f"{target}: {error}") from error
    finally:
        wire.close()
    document = _document(target, answer)
    if answer.status != 200:
        raise InvokeError(f"{target}: {answer.status} {document.get('__type', '')}")
    return document


def _trace_header(traceparent: object) -> dict[str, str]:
    """X-Ray's header for a W3C ``traceparent``: Lambda goes on with that trace."""
    parts = traceparent.split("-") if isinstance(traceparent, str) else []
    if len(parts) != 4:
        return {}
    _, trace_id, span_id, flags = parts
    return {"x-amzn-trace-id": f"Root=1-{trace_id[:8]}-{trace_id[8:]};Parent={span_id};Sampled={int(flags, 16) & 1}"}


class Request(NamedTuple):
    """``path`` is already percent-encoded once; ``query`` is canonical: encoded, sorted."""

    method: str
    path: str
    query: str
    body: bytes


class Scope(NamedTuple):
    """``now`` is in seconds since 1970."""

    credentials: Credentials
    region: str
    service: str
    now: float


def sign(request: Request, headers: Mapping[str, str], scope: Scope) -> dict[str, str]:
    """The headers (lower-case, ``host`` among them) with date, token and ``authorization`` added."""
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(scope.now))
    signed = {**headers, "x-amz-date": moment}
    if scope.credentials.session_token:
        signed["x-amz-security-token"] = scope.credentials.session_token
    names = ";".join(sorted(signed))
    lines = [f"{name}:{' '.join(signed[name].split())}\n" for name in sorted(signed)]
    # Every service but S3 wants the path encoded once more in the canonical request.
    path = request.path if scope.service == "s3" else quote(request.path, safe="/")
    digest = hashlib.sha256(request.body).hexdigest()
    canonical = "\n".join((request.method, path, request.query, "".join(lines), names, digest))
    place = _place(scope, moment)
    signature, credential = _signature(canonical, scope, moment), f"{scope.credentials.access_key}/{place}"
    signed["authorization"] = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"
    return signed


def presigned(path: str, asked: Mapping[str, str], host: str, scope: Scope, expires_s: int) -> str:
    """The query under which anybody may GET a path of S3 for so many seconds, ``asked`` included.

    "Authenticating requests: using query parameters" (Amazon S3 API). It ends sooner when the credentials do.
    """
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(scope.now))
    values = {
        **asked,
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{scope.credentials.access_key}/{_place(scope, moment)}",
        "X-Amz-Date": moment,
        "X-Amz-Expires": str(expires_s),
        "X-Amz-SignedHeaders": "host",
    }
    if scope.credentials.session_token:
        values["X-Amz-Security-Token"] = scope.credentials.session_token
    query = "&".join(f"{quote(name)}={quote(values[name])}" for name in sorted(values))
    canonical = "\n".join(("GET", path, query, f"host:{host}\n", "host", "UNSIGNED-PAYLOAD"))
    return f"{query}&X-Amz-Signature={_signature(canonical, scope, moment)}"


def _place(scope: Scope, moment: str) -> str:
    return f"{moment[:8]}/{scope.region}/{scope.service}/aws4_request"


def _signature(canonical: str, scope: Scope, moment: str) -> str:
    place = _place(scope, moment)
    to_sign = f"AWS4-HMAC-SHA256\n{moment}\n{place}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{scope.credentials.secret_key}".encode()
    for part in place.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, to_sign.encode(), "sha256").hex()


def quote(text: str, safe: str = "") -> str:
    """Percent-encode as AWS does: all but unreserved characters (RFC 3986) and ``safe``."""
    kept = _UNRESERVED | frozenset(safe.encode())
    return "".join(chr(byte) if byte in kept else f"%{byte:02X}" for byte in text.encode())


def _result(function: str, answer: Answer) -> dict[str, Any]:
    failure = answer.headers.get("x-amz-function-error")
    if answer.status != 200 or failure:
        raise InvokeError(f"{function}: {failure or 'refused'}, status {answer.status}")
    return _document(function, answer)


def _document(name: str, answer: Answer) -> dict[str, Any]:
    try:
        document = loads(answer.body)
    except ValueError as error:
        raise InvokeError(f"{name}: the answer is not JSON, status {answer.status}") from error
    if not isinstance(document, dict):
        raise InvokeError(f"{name}: the answer is not an object")
    return document

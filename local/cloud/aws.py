"""The rest of AWS: a moto server, with the catalog's queues, buckets, secrets and keys in it."""

from __future__ import annotations

import http.client
import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from dbsbm.core.http import HttpRequest, HttpResponse, Transport, TransportError
from infra.catalog import Catalog, SigningKey
from local.cloud.children import Children
from local.cloud.errors import StartError
from local.cloud.execution import ACCESS_KEY, ACCOUNT, REGION, Names, variable_of

if TYPE_CHECKING:
    from werkzeug.test import Client

_START_WITHIN_S = 30.0
_HERE = "http://127.0.0.1"
"""Any other host is taken for a bucket's name."""
_REPLACED = frozenset({"content-length", "host"})
_LOCK = (
    '<ObjectLockConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><ObjectLockEnabled>Enabled'
    "</ObjectLockEnabled><Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>{days}</Days></DefaultRetention></Rule>"
    "</ObjectLockConfiguration>"
)
INSIDE = "http://aws.invalid"
"""Stands for AWS in process: nothing listens there, the cloud's own transport catches it."""
_REMEMBERED = 65536
"""Answers kept of what moto would work out again: more times than a year's objects have."""
_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "server", "date"})


class Aws(Protocol):
    """Anything that answers AWS's own APIs."""

    def __call__(self, request: HttpRequest) -> HttpResponse: ...

    def stop(self) -> None: ...


class MotoProcess:
    """A moto server in a process of its own; ``prepare`` fills it once it answers."""

    def __init__(self, children: Children, log: Path) -> None:
        self._port = free_port()
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self._port)]
        self._children = children
        self._process = children.start(command, None, log)
        self._local = threading.local()
        self._wait(log)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        target = urlsplit(request.url)
        path = f"{target.path or '/'}?{target.query}" if target.query else target.path or "/"
        for last in (False, True):
            connection = self._connection()
            try:
                connection.request(request.method, path, request.body, dict(request.headers))
                answer = connection.getresponse()
                body = answer.read()
            except (OSError, http.client.HTTPException) as error:
                connection.close()  # kept alive too long, perhaps: once more on a fresh one
                if last:
                    raise TransportError(f"moto: {error}", sent=True) from error
                continue
            headers = {name.lower(): value for name, value in answer.getheaders()}
            dropped = _HOP_BY_HOP if request.method == "HEAD" else _HOP_BY_HOP | {"content-length"}
            kept = {name: value for name, value in headers.items() if name not in dropped}
            return HttpResponse(answer.status, kept, body)
        raise AssertionError("unreachable")

    def stop(self) -> None:
        self._children.end(self._process)

    def _connection(self) -> http.client.HTTPConnection:
        if not hasattr(self._local, "connection"):
            self._local.connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        connection: http.client.HTTPConnection = self._local.connection
        return connection

    def _wait(self, log: Path) -> None:
        until = time.monotonic() + _START_WITHIN_S
        while time.monotonic() < until and self._process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            time.sleep(0.02)
        raise StartError(f"moto did not start:\n{log.read_text(errors='replace')[-2000:]}")


class MotoInside:
    """Moto called as a WSGI application: no process, no socket. Its state is shared by the whole interpreter."""

    def __init__(self) -> None:
        self._client = _moto()
        self._client.post("/moto-api/reset")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        target = urlsplit(request.url)
        answer = self._client.open(
            target.path or "/",
            method=request.method,
            query_string=target.query,
            base_url=_HERE,
            headers=[(name, value) for name, value in request.headers.items() if name not in _REPLACED],
            data=request.body,
        )
        return HttpResponse(answer.status_code, {name.lower(): value for name, value in answer.headers}, answer.data)

    def stop(self) -> None:
        """Nothing to stop."""


@cache
def _moto() -> Client:
    """The one application of the interpreter; it is emptied, not made anew, for each cloud."""
    from moto.kms import models  # noqa: PLC0415 — half a second, all of them
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: PLC0415
    from werkzeug.test import Client  # noqa: PLC0415

    application = DomainDispatcherApplication(create_backend_app)
    looked_up = cache(application.get_backend_for_host)  # it lists a folder at each call
    application.get_backend_for_host = looked_up  # type: ignore[method-assign]
    made: Callable[[str], Any] = models.generate_private_key  # type: ignore[attr-defined]
    unused = cache(made)

    def pair(key_spec: str) -> Any:
        """It makes an RSA pair, a tenth of a second, for symmetric keys too, which never use it."""
        return unused(key_spec) if key_spec == "SYMMETRIC_DEFAULT" else made(key_spec)

    models.generate_private_key = pair  # type: ignore[attr-defined]
    _remembering()
    _dated()
    return Client(application)


def _remembering() -> None:
    """Moto asks again at each call what methods a class has, and at each key of a listing what a time's text means."""
    from moto.core import responses, serialize  # noqa: PLC0415 — half a second

    for module, name in ((responses, "method_names_from_class"), (serialize, "parse_to_aware_datetime")):
        setattr(module, name, lru_cache(_REMEMBERED)(getattr(module, name)))


def _dated() -> None:
    """Moto says of each version of a secret that it was made just now; AWS says when its value was put in."""
    from moto.secretsmanager.models import SecretsManagerBackend  # noqa: PLC0415 — half a second

    listed = SecretsManagerBackend.list_secret_version_ids

    def dated(backend: Any, secret_id: str) -> str:
        found = json.loads(listed(backend, secret_id))
        for each in found["Versions"]:
            each["CreatedDate"] = backend.secrets[secret_id].versions[each["VersionId"]]["createdate"]
        return json.dumps(found)

    SecretsManagerBackend.list_secret_version_ids = dated  # type: ignore[assignment, method-assign]


class Elsewhere:
    """An AWS of the operator's choosing (``AWS_ENDPOINT_URL``): requests are passed on with their own signature."""

    def __init__(self, url: str, transport: Transport) -> None:
        self._url = url.rstrip("/")
        self._transport = transport

    def __call__(self, request: HttpRequest) -> HttpResponse:
        target = urlsplit(request.url)
        query = f"?{target.query}" if target.query else ""
        url = f"{self._url}{target.path}{query}"
        return self._transport(HttpRequest(request.method, url, request.headers, request.body, request.timeout_s))

    def stop(self) -> None:
        """Not ours to stop."""


def create_resources(catalog: Catalog, names: Names, secrets: Mapping[str, str], aws: Aws) -> None:
    """Make all of the catalog's but functions; a secret without a value exists empty, as after a deploy.

    Raises
    ------
    StartError
        When AWS refuses one.
    """
    for queue in catalog.queues:
        seconds = str(queue.retention_days * 86_400)
        call(aws, "sqs", "CreateQueue", QueueName=names.of(queue.name), Attributes={"MessageRetentionPeriod": seconds})
    for bucket in catalog.buckets:
        locked = {"x-amz-bucket-object-lock-enabled": "true"} if bucket.locked_days else {}
        url = f"http://127.0.0.1/{names.of(bucket.name)}"
        _checked(f"bucket {bucket.name}", aws(HttpRequest("PUT", url, headers("s3") | locked)))
        if bucket.locked_days:
            body = _LOCK.format(days=bucket.locked_days).encode()
            _checked(f"lock of {bucket.name}", aws(HttpRequest("PUT", f"{url}?object-lock=", headers("s3"), body)))
    for key in catalog.keys:
        signs = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"} if isinstance(key, SigningKey) else {}
        made = call(aws, "kms", "CreateKey", Description=key.description, **signs)
        target = made["KeyMetadata"]["KeyId"]
        call(aws, "kms", "CreateAlias", AliasName=f"alias/{names.of(key.name)}", TargetKeyId=target)
        if not signs:
            call(aws, "kms", "EnableKeyRotation", KeyId=target)
    for secret in catalog.secrets:
        value = secrets.get(variable_of(secret))
        given = {"SecretString": value} if value else {}
        call(aws, "secretsmanager", "CreateSecret", Name=names.of(secret.name), Description=secret.description, **given)


def send_message(aws: Aws, queue: str, document: Mapping[str, Any]) -> None:
    """Put a document into a queue, by the queue's full name."""
    call(aws, "sqs", "SendMessage", QueueUrl=queue_url(queue), MessageBody=json.dumps(document))


def messages(aws: Aws, queue: str) -> list[Any]:
    """Every document in a queue, left there."""
    found: list[Any] = []
    while True:
        received = call(
            aws, "sqs", "ReceiveMessage", QueueUrl=queue_url(queue), MaxNumberOfMessages=10, VisibilityTimeout=1
        )
        batch = received.get("Messages", [])
        found += [json.loads(message["Body"]) for message in batch]
        if not batch:
            return found


def queue_url(queue: str) -> str:
    return f"http://127.0.0.1/{ACCOUNT}/{queue}"


def call(aws: Callable[[HttpRequest], HttpResponse], service: str, action: str, **arguments: Any) -> dict[str, Any]:
    """One call of a JSON service.

    Raises
    ------
    StartError
        When it is refused.
    """
    target = {"sqs": "AmazonSQS", "secretsmanager": "secretsmanager", "kms": "TrentService"}[service]
    version = "1.0" if service == "sqs" else "1.1"
    sent = headers(service) | {
        "content-type": f"application/x-amz-json-{version}",
        "x-amz-target": f"{target}.{action}",
    }
    request = HttpRequest("POST", "http://127.0.0.1/", sent, json.dumps(arguments).encode())
    document: dict[str, Any] = json.loads(_checked(action, aws(request)) or b"{}")
    return document


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def headers(service: str) -> dict[str, str]:
    """Moto reads the service from the credential's scope and checks no signature."""
    scope = f"{ACCESS_KEY}/20260101/{REGION}/{service}/aws4_request"
    return {
        "host": "127.0.0.1",
        "authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
    }


def _checked(what: str, response: HttpResponse) -> bytes:
    if response.status >= 300:
        raise StartError(f"{what}: {response.status} {response.body[:300].decode(errors='replace')}")
    return response.body

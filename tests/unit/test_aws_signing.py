"""Signature Version 4 by hand: AWS's published examples, botocore's signer, and a real connection."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench._authority import server_context
from dbsbm.core.aws import Account, Credentials, LambdaInvoke, Request, Scope, call_json, presigned, quote, sign
from dbsbm.core.errors import InvokeError, InvokeLateError, SettingsError
from dbsbm.core.wire import address_of

EXAMPLE = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
AT = 1_440_938_160.0  # 20150830T123600Z, the moment of AWS's examples


@pytest.mark.parametrize(
    ("request_", "headers", "service", "expected"),
    [
        (
            Request("GET", "/", "", b""),
            {"host": "example.amazonaws.com"},
            "service",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        (
            Request("POST", "/", "", b""),
            {"host": "example.amazonaws.com"},
            "service",
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        ),
        (
            Request("GET", "/", "Param1=value1&Param2=value2", b""),
            {"host": "example.amazonaws.com"},
            "service",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        (
            Request("GET", "/", "Action=ListUsers&Version=2010-05-08", b""),
            {"host": "iam.amazonaws.com", "content-type": "application/x-www-form-urlencoded; charset=utf-8"},
            "iam",
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
        ),
    ],
    ids=["get-vanilla", "post-vanilla", "get-vanilla-query-order-key-case", "iam-list-users"],
)
def test_published_examples(request_: Request, headers: dict[str, str], service: str, expected: str) -> None:
    signed = sign(request_, headers, Scope(EXAMPLE, "us-east-1", service, AT))
    assert signed["authorization"].endswith(f"Signature={expected}")
    assert f"Credential=AKIDEXAMPLE/20150830/us-east-1/{service}/aws4_request" in signed["authorization"]


@given(
    name=st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=30).filter(
        lambda name: name not in {".", ".."}
    ),
    body=st.binary(max_size=200),
    token=st.text("abcXYZ0189+/=", max_size=40),
    region=st.sampled_from(["us-east-1", "eu-central-1"]),
    at=st.integers(0, 4_000_000_000),
    target=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20),
)
def test_agrees_with_botocore(*, name: str, body: bytes, token: str, region: str, at: int, target: str) -> None:
    path = f"/2015-03-31/functions/{quote(name)}/invocations"
    headers = {"host": f"lambda.{region}.amazonaws.com", "x-amz-target": target}
    credentials = Credentials("AKID", "secret", token)
    signed = sign(Request("POST", path, "Qualifier=live", body), headers, Scope(credentials, region, "lambda", at))
    theirs = botocore.awsrequest.AWSRequest("POST", f"https://{headers['host']}{path}?Qualifier=live", data=body)
    for header, value in signed.items():
        if header != "authorization":
            theirs.headers[header] = value
    theirs.context["timestamp"] = signed["x-amz-date"]
    signer = botocore.auth.SigV4Auth(
        botocore.credentials.Credentials("AKID", "secret", token or None), "lambda", region
    )
    text = signer.string_to_sign(theirs, signer.canonical_request(theirs))
    assert signed["authorization"].endswith(f"Signature={signer.signature(text, theirs)}")


def test_a_link_is_signed_as_published() -> None:
    """The example of "Authenticating requests: using query parameters" (Amazon S3 API)."""
    credentials = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    scope = Scope(credentials, "us-east-1", "s3", 1369353600)
    query = presigned("/test.txt", {}, "examplebucket.s3.amazonaws.com", scope, 86400)
    assert query.endswith("X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")


@given(st.text("abc 0189-_.~/ü+&", min_size=1, max_size=30), st.text('ab "=;&ü', max_size=20), st.integers(0, 2**31))
def test_links_agree_with_botocore(key: str, name: str, at: int) -> None:
    path, asked = f"/bucket/{quote(key, safe='/')}", {"response-content-disposition": f"attachment; filename={name}"}
    scope = Scope(Credentials("AKID", "secret", "token/+="), "eu-central-1", "s3", at)
    ours = presigned(path, asked, "s3.eu-central-1.amazonaws.com", scope, 900)
    signed, _, signature = ours.partition("&X-Amz-Signature=")
    theirs = botocore.awsrequest.AWSRequest("GET", f"https://s3.eu-central-1.amazonaws.com{path}?{signed}")
    theirs.context["timestamp"] = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at))
    signer = botocore.auth.S3SigV4QueryAuth(
        botocore.credentials.Credentials("AKID", "secret", "token/+="), "s3", "eu-central-1", 900
    )
    text = signer.string_to_sign(theirs, signer.canonical_request(theirs))
    assert signature == signer.signature(text, theirs)


class _Api(BaseHTTPRequestHandler):
    """What the test's function answers; each request is noted."""

    protocol_version = "HTTP/1.1"
    answer: Callable[[_Api], None]
    seen: list[tuple[str, dict[str, str], bytes, int]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.seen.append((self.path, headers, body, self.client_address[1]))
        type(self).answer(self)

    def send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@contextmanager
def _serving(answer: Callable[[_Api], None], context: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[Any]]]:
    seen: list[Any] = []
    api = type("Api", (_Api,), {"answer": answer, "seen": seen})
    server = ThreadingHTTPServer(("127.0.0.1", 0), api)
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], seen
    finally:
        server.shutdown()
        server.server_close()


def _invoke(address: str) -> LambdaInvoke:
    environ = {
        "AWS_ACCESS_KEY_ID": "AKID",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "session",
        "AWS_REGION": "eu-central-1",
        "AWS_ENDPOINT_URL_LAMBDA": address,
        "DBSBM_FUNCTION_PREFIX": "dbsbm-test-",
    }
    return LambdaInvoke.from_environ(environ)


def test_invokes_the_live_version_and_keeps_the_connection() -> None:
    with _serving(lambda api: api.send(200, b'{"kind":"message"}')) as (port, seen):
        invoke = _invoke(f"http://127.0.0.1:{port}")
        for _ in range(3):
            answer = invoke("command_betting", {"v": 1, "é": "✓"}, asynchronous=False, timeout_s=5)
            assert answer == {"kind": "message"}
    path, headers, body, _ = seen[0]
    assert path == "/2015-03-31/functions/dbsbm-test-command_betting/invocations?Qualifier=live"
    assert json.loads(body) == {"v": 1, "é": "✓"}
    assert headers["x-amz-invocation-type"] == "RequestResponse"
    assert headers["x-amz-security-token"] == "session"
    assert headers["host"] == f"127.0.0.1:{port}"
    assert "/eu-central-1/lambda/aws4_request" in headers["authorization"]
    assert len({client for *_, client in seen}) == 1


def test_an_asynchronous_hand_off_gives_nothing_back() -> None:
    with _serving(lambda api: api.send(202, b"")) as (port, seen):
        assert _invoke(f"http://127.0.0.1:{port}")("f", {}, asynchronous=True, timeout_s=5) is None
    assert seen[0][1]["x-amz-invocation-type"] == "Event"


def test_a_connection_closed_meanwhile_is_opened_anew() -> None:
    def answer_and_leave(api: _Api) -> None:
        api.send(200, b"{}")
        api.close_connection = True

    with _serving(answer_and_leave) as (port, seen):
        invoke = _invoke(f"http://127.0.0.1:{port}")
        for _ in range(3):
            assert invoke("f", {}, asynchronous=False, timeout_s=5) == {}
    assert len({client for *_, client in seen}) == 3


def test_chunked_answers_are_read() -> None:
    document = json.dumps({"text": "x" * 5000}).encode()

    def chunked(api: _Api) -> None:
        api.send_response(200)
        api.send_header("transfer-encoding", "chunked")
        api.end_headers()
        for start in range(0, len(document), 700):
            piece = document[start : start + 700]
            api.wfile.write(f"{len(piece):x};note=1\r\n".encode() + piece + b"\r\n")
            api.wfile.flush()
        api.wfile.write(b"0\r\n\r\n")

    with _serving(chunked) as (port, _):
        invoke = _invoke(f"http://127.0.0.1:{port}")
        for _ in range(2):
            assert invoke("f", {}, asynchronous=False, timeout_s=5) == {"text": "x" * 5000}


def test_a_function_that_does_not_answer_in_time_is_late() -> None:
    released = threading.Event()

    def when_released(api: _Api) -> None:
        released.wait(20)
        api.send(200, b"{}")

    with _serving(when_released) as (port, _):
        invoke = _invoke(f"http://127.0.0.1:{port}")
        with pytest.raises(InvokeLateError):
            invoke("f", {}, asynchronous=False, timeout_s=0.05)
        released.set()
        assert invoke("f", {}, asynchronous=False, timeout_s=5) == {}


@pytest.mark.parametrize(
    "answer",
    [
        lambda api: api.send(200, b"{}", X_Amz_Function_Error="Unhandled"),
        lambda api: api.send(429, b'{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded"}'),
        lambda api: api.send(500, b"{}"),
        lambda api: api.send(200, b"not json"),
        lambda api: api.send(200, b"[]"),
        lambda api: api.connection.close(),
        lambda api: api.wfile.write(b"nonsense\r\n\r\n"),
        lambda api: api.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n"),
    ],
)
def test_whatever_else_comes_back_is_a_failed_invocation(answer: Callable[[_Api], None]) -> None:
    with _serving(answer) as (port, _), pytest.raises(InvokeError):
        _invoke(f"http://127.0.0.1:{port}")("f", {}, asynchronous=False, timeout_s=5)


def test_nobody_there_is_a_failed_invocation() -> None:
    with _serving(lambda api: None) as (port, _):
        pass
    with pytest.raises(InvokeError):
        _invoke(f"http://127.0.0.1:{port}")("f", {}, asynchronous=True, timeout_s=5)


def test_tls_is_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = tmp_path / "authority.pem"
    with _serving(lambda api: api.send(200, b"{}"), server_context(bundle)) as (port, seen):
        with pytest.raises(InvokeError):
            _invoke(f"https://127.0.0.1:{port}")("f", {}, asynchronous=False, timeout_s=5)
        assert not seen
        monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
        assert _invoke(f"https://127.0.0.1:{port}")("f", {}, asynchronous=False, timeout_s=5) == {}


def test_a_certificate_of_another_host_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = tmp_path / "authority.pem"
    with _serving(lambda api: api.send(200, b"{}"), server_context(bundle, "127.0.0.9")) as (port, seen):
        monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
        with pytest.raises(InvokeError):
            _invoke(f"https://127.0.0.1:{port}")("f", {}, asynchronous=False, timeout_s=5)
        assert not seen


def test_a_secret_is_read_by_its_own_service() -> None:
    with _serving(lambda api: api.send(200, b'{"SecretString":"s3cret"}')) as (port, seen):
        account = Account("us-east-1", EXAMPLE, {"": f"http://127.0.0.1:{port}"})
        answer = call_json(account, "secretsmanager", "secretsmanager.GetSecretValue", {"SecretId": "token-key"})
    assert answer["SecretString"] == "s3cret"
    assert seen[0][1]["x-amz-target"] == "secretsmanager.GetSecretValue"
    assert seen[0][1]["content-type"] == "application/x-amz-json-1.1"
    with _serving(lambda api: api.send(400, b'{"__type":"ResourceNotFoundException"}')) as (port, _):
        account = Account("us-east-1", EXAMPLE, {"": f"http://127.0.0.1:{port}"})
        with pytest.raises(InvokeError, match="ResourceNotFoundException"):
            call_json(account, "secretsmanager", "secretsmanager.GetSecretValue", {})


def test_endpoints_and_credentials_come_from_aws_own_variables() -> None:
    keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    account = Account.from_environ(
        {**keys, "AWS_ENDPOINT_URL": "http://m", "AWS_ENDPOINT_URL_SECRETS_MANAGER": "http://s"}
    )
    assert (account.endpoint("lambda"), account.endpoint("secretsmanager")) == ("http://m", "http://s")
    assert Account.from_environ(keys).endpoint("lambda") == "https://lambda.us-east-1.amazonaws.com"
    with pytest.raises(SettingsError, match="AWS_SECRET_ACCESS_KEY"):
        Account.from_environ({"AWS_ACCESS_KEY_ID": "a"})


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://lambda.us-east-1.amazonaws.com", (True, "lambda.us-east-1.amazonaws.com", 443)),
        ("http://127.0.0.1:4566/", (False, "127.0.0.1", 4566)),
        ("http://[::1]:80", (False, "::1", 80)),
        ("http://[::1]", (False, "::1", 80)),
        ("http://localhost", (False, "localhost", 80)),
    ],
)
def test_addresses(url: str, expected: tuple[bool, str, int]) -> None:
    assert address_of(url)[:3] == expected


@pytest.mark.parametrize("url", ["", "ftp://x", "https://", "http://a@b", "lambda.amazonaws.com"])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="address"):
        address_of(url)

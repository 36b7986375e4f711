"""The small HTTP client against a server that answers as scripted: what it takes for an answer, and what it refuses."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from dbsbm.core.http import HttpRequest, TransportError
from dbsbm.core.transport import PooledTransport
from dbsbm.core.wire import MAX_HEAD_BYTES, LateError, Wire, WireError, address_of

OK = b"HTTP/1.1 200 OK\r\n"
WITHIN_S = 20.0
TLS = b"\x16\x03"
"""What a client's greeting begins with."""


class Scripted:
    """Each connection gets the next of ``answers``, one per request; after its last it is closed."""

    def __init__(self, answers: Sequence[Sequence[bytes]]) -> None:
        self.requests: list[bytes] = []
        self._answers = answers
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://{}:{}".format(*self._listener.getsockname())
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._thread.join(WITHIN_S)
        self._listener.close()

    def _serve(self) -> None:
        for answers in self._answers:
            connection, _ = self._listener.accept()
            with connection:
                for answer in answers:
                    self.requests.append(self._read(connection))
                    connection.sendall(answer)

    @staticmethod
    def _read(connection: socket.socket) -> bytes:
        received = b""
        while b"\r\n\r\n" not in received and not received.startswith(TLS):
            received += connection.recv(65536)
        head, _, body = received.partition(b"\r\n\r\n")
        size = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or b"0")
        while len(body) < size:
            body += connection.recv(65536)
        return head + b"\r\n\r\n" + body


@contextmanager
def scripted(*answers: Sequence[bytes]) -> Iterator[Scripted]:
    server = Scripted(answers)
    try:
        yield server
    finally:
        server.stop()


def test_a_kept_connection_that_was_closed_is_opened_again_once() -> None:
    first, second = OK + b"content-length: 3\r\n\r\none", OK + b"content-length: 3\r\n\r\ntwo"
    with scripted([first], [second]) as server:
        wire = Wire(address_of(server.url))
        assert wire.post("/a", {"x": "1"}, b"body", WITHIN_S).body == b"one"
        assert wire.post("/b", {}, b"", WITHIN_S).body == b"two"
        wire.close()
    assert server.requests == [
        b"POST /a HTTP/1.1\r\nx: 1\r\ncontent-length: 4\r\n\r\nbody",
        b"POST /b HTTP/1.1\r\ncontent-length: 0\r\n\r\n",
    ]


def test_one_connection_carries_several_requests_until_the_other_side_says_close() -> None:
    kept = OK + b"content-length: 1\r\n\r\n"
    with scripted([kept + b"a", OK + b"connection: close\r\ncontent-length: 1\r\n\r\nb"], [kept + b"c"]) as server:
        wire = Wire(address_of(server.url))
        assert [wire.post("/", {}, b"", WITHIN_S).body for _ in range(3)] == [b"a", b"b", b"c"]
        wire.close()


def test_chunks_are_put_together_and_their_extensions_left_out() -> None:
    chunked = OK + b"Transfer-Encoding: chunked\r\n\r\n5;name=x\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
    with scripted([chunked]) as server:
        answer = Wire(address_of(server.url)).post("/", {}, b"", WITHIN_S)
    assert (answer.status, answer.body) == (200, b"hello world")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"", "closed before the answer"),
        (b"HTTP/1.1 200", "cut off"),
        (b"SSH-2.0-x\r\n\r\n", "not HTTP/1"),
        (OK + b"content-length: 10\r\n\r\nhalf", "cut off"),
        (OK + b"transfer-encoding: chunked\r\n\r\n5\r\nhe", "cut off"),
        (OK + b"transfer-encoding: chunked\r\n\r\nnever\r\n", "ValueError"),
        (b"HTTP/1.1 abc\r\n\r\n", "ValueError"),
        (OK + b"x: " + b"y" * (MAX_HEAD_BYTES + 70_000), "too long"),
    ],
)
def test_what_is_no_whole_answer_is_refused(answer: bytes, says: str) -> None:
    with scripted([answer]) as server, pytest.raises(WireError, match=says):
        Wire(address_of(server.url)).post("/", {}, b"", WITHIN_S)


def test_silence_is_late_and_nobody_there_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = "http://{}:{}".format(*silent.getsockname())
        with pytest.raises(LateError, match="no answer within"):
            Wire(address_of(url)).post("/", {}, b"", 0.05)
        with pytest.raises(LateError, match="no answer within"):
            Wire(address_of(url)).post_for_head("/", {}, b"", 0.05)
    with pytest.raises(WireError, match="ConnectionRefusedError"):
        Wire(address_of(url)).post("/", {}, b"", WITHIN_S)
    with pytest.raises(WireError, match="ConnectionRefusedError"):
        Wire(address_of(url)).post_for_head("/", {}, b"", WITHIN_S)


@pytest.mark.parametrize("url", ["ftp://host", "host", "https://", "http://user@host", "://host"])
def test_an_address_is_http_and_names_nobody(url: str) -> None:
    with pytest.raises(ValueError, match="not an http"):
        address_of(url)


@pytest.mark.parametrize(
    ("url", "secure", "host", "port", "authority"),
    [
        ("https://discord.com/api", True, "discord.com", 443, "discord.com"),
        ("http://localhost:8080", False, "localhost", 8080, "localhost:8080"),
        ("http://[::1]", False, "::1", 80, "[::1]"),
        ("http://[::1]:81/x", False, "::1", 81, "[::1]:81"),
    ],
)
def test_the_port_is_the_schemes_own_unless_one_is_named(
    url: str, secure: bool, host: str, port: int, authority: str
) -> None:
    assert address_of(url) == (secure, host, port, authority)


def test_an_encrypted_address_is_spoken_to_encrypted() -> None:
    """A server that does not speak TLS is refused: nothing of the request goes out in the clear."""
    with scripted([OK]) as server, pytest.raises(WireError, match="SSLError"):
        Wire(address_of(server.url.replace("http://", "https://"))).post("/", {}, b"secret", WITHIN_S)
    assert server.requests[0].startswith(TLS)
    assert b"secret" not in server.requests[0]


def test_a_checked_address_is_connected_to_whatever_the_name_leads_to() -> None:
    """Its body is not waited for: only the head is answered, and Host is the name that was asked for."""
    with scripted([b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\ncontent-length: 99\r\n\r\n"]) as server:
        port = address_of(server.url).port
        answer = PooledTransport()(
            HttpRequest(
                "POST",
                f"http://hooks.invalid:{port}/in?key=1",
                {"content-type": "text/plain"},
                b"told",
                WITHIN_S,
                connect_to="127.0.0.1",
            )
        )
    assert (answer.status, answer.headers["location"]) == (302, "http://127.0.0.1/")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert body == b"told"
    assert head.split(b"\r\n")[:2] == [b"POST /in?key=1 HTTP/1.1", f"host: hooks.invalid:{port}".encode()]


def test_a_checked_address_that_hangs_up_may_have_got_the_request() -> None:
    with scripted([b"HTTP/1.1 2"]) as server, pytest.raises(TransportError) as refused:
        port = address_of(server.url).port
        PooledTransport()(HttpRequest("POST", f"http://h.invalid:{port}", {}, b"x", WITHIN_S, connect_to="127.0.0.1"))
    assert refused.value.sent


def test_a_request_that_reached_nobody_was_not_sent_and_one_cut_off_may_have_been() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = "http://{}:{}".format(*closed.getsockname())
    with pytest.raises(TransportError) as refused:
        PooledTransport()(HttpRequest("GET", url, {}, b"", WITHIN_S))
    assert not refused.value.sent
    half = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"
    with scripted([half]) as server, pytest.raises(TransportError) as cut:
        PooledTransport()(HttpRequest("GET", server.url, {}, b"", WITHIN_S))
    assert cut.value.sent

"""HTTP/1.1 on a socket, as small as the local cloud needs it: one send per response, keep-alive, threads."""

from __future__ import annotations

import contextlib
import socket
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import BinaryIO

MAX_LINE = 65_536
MAX_HEADERS = 200
LARGEST_BODY = 64 * 1024 * 1024


class WireError(Exception):
    """The peer does not speak HTTP, or went away in the middle."""


@dataclass(frozen=True, slots=True)
class Request:
    """Header names are lower-case, in order. ``oversize``: the body was read and thrown away."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    oversize: bool = False

    def header(self, name: str, default: str = "") -> str:
        return next((value for key, value in self.headers if key == name), default)


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: Iterable[tuple[str, str]]
    body: bytes


def read_request(stream: BinaryIO, peer: socket.socket, limit: int = LARGEST_BODY) -> Request | None:
    """Read one request; None when the peer closed the connection between requests.

    Raises
    ------
    WireError
        When what came is no request.
    """
    first = stream.readline(MAX_LINE)
    if not first:
        return None
    try:
        method, target, _ = first.decode("latin-1").split(" ", 2)
    except ValueError as error:
        raise WireError(f"not a request line: {first[:80]!r}") from error
    headers = tuple(_headers(stream))
    named = dict(headers)
    if named.get("expect", "").lower() == "100-continue":
        peer.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    if named.get("transfer-encoding", "").lower() == "chunked":
        body, oversize = _chunked(stream, limit)
    else:
        body, oversize = _sized(stream, named.get("content-length", "0"), limit)
    return Request(method, target, headers, body, oversize)


def write_response(peer: socket.socket, response: Response, *, head_only: bool = False) -> None:
    """Send a response in one piece, so that no delayed acknowledgement costs 40 ms."""
    reason = HTTPStatus(response.status).phrase if response.status in HTTPStatus._value2member_map_ else "Unknown"
    lines = [f"HTTP/1.1 {response.status} {reason}\r\n"]
    given = [(name, value) for name, value in response.headers if head_only or name.lower() != "content-length"]
    lines += [f"{name}: {value}\r\n" for name, value in given]
    if not head_only:
        lines.append(f"content-length: {len(response.body)}\r\n")
    lines.append("\r\n")
    peer.sendall("".join(lines).encode("latin-1", "replace") + (b"" if head_only else response.body))


def _headers(stream: BinaryIO) -> Iterable[tuple[str, str]]:
    for _ in range(MAX_HEADERS):
        line = stream.readline(MAX_LINE)
        if line in {b"\r\n", b"\n"}:
            return
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon:
            raise WireError(f"not a header: {line[:80]!r}")
        yield name.strip().lower(), value.strip()
    raise WireError("too many headers")


def _sized(stream: BinaryIO, length: str, limit: int) -> tuple[bytes, bool]:
    if not length.isdigit():
        raise WireError(f"content-length {length!r}")
    size = int(length)
    if size > limit:
        _discard(stream, size)
        return b"", True
    body = stream.read(size)
    if len(body) < size:
        raise WireError("the body ended early")
    return body, False


def _discard(stream: BinaryIO, size: int) -> None:
    """Read a body that is too large, so that the peer gets to read the refusal; up to a bound."""
    if size > LARGEST_BODY:
        raise WireError(f"a body of {size} bytes")
    while size > 0:
        size -= len(stream.read(min(size, 1 << 20)) or b"x" * size)


def _chunked(stream: BinaryIO, limit: int) -> tuple[bytes, bool]:
    pieces, total = [], 0
    while True:
        line = stream.readline(MAX_LINE).partition(b";")[0].strip()
        try:
            size = int(line, 16)
        except ValueError as error:
            raise WireError(f"chunk size {line!r}") from error
        total += size
        if total > LARGEST_BODY:
            raise WireError("a chunked body without end")
        piece = stream.read(size)
        pieces.append(piece if total <= limit else b"")
        if size == 0:
            break
        stream.readline(MAX_LINE)
    while stream.readline(MAX_LINE) not in {b"\r\n", b"\n", b""}:
        continue
    return (b"", True) if total > limit else (b"".join(pieces), False)


Answer = Callable[[Request, str], Response | None]
"""Answers a request of a client's address; None closes the connection without a word."""


class Server:
    """A thread per connection on 127.0.0.1. ``port`` 0 takes a free one."""

    def __init__(self, answer: Answer, port: int = 0, limit: int = LARGEST_BODY, host: str = "127.0.0.1") -> None:
        self._answer = answer
        self._limit = limit
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._stopped = False
        self._listener = socket.create_server((host, port), backlog=512)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, name=f"accept:{self.port}", daemon=True).start()

    def stop(self) -> None:
        """Close the listener and every connection. Stopping twice does nothing."""
        with self._lock:
            self._stopped = True
            connections = list(self._connections)
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._stopped:
            try:
                connection, address = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection, address[0]), daemon=True).start()

    def _serve(self, connection: socket.socket, client: str) -> None:
        with self._lock:
            self._connections.add(connection)
        try:
            with connection, connection.makefile("rb") as stream, contextlib.suppress(OSError):
                self._converse(connection, stream, client)
        finally:
            with self._lock:
                self._connections.discard(connection)

    def _converse(self, connection: socket.socket, stream: BinaryIO, client: str) -> None:
        while not self._stopped:
            try:
                request = read_request(stream, connection, self._limit)
            except WireError:
                write_response(connection, Response(400, (("connection", "close"),), b""))
                return
            if request is None:
                return
            response = self._safely(request, client)
            if response is None:
                return
            write_response(connection, response, head_only=request.method == "HEAD")
            if request.header("connection").lower() == "close":
                return

    def _safely(self, request: Request, client: str) -> Response | None:
        try:
            return self._answer(request, client)
        except Exception:  # the server's outermost edge: one request must not end the thread without an answer
            if not self._stopped:
                traceback.print_exc()
            return Response(500, (("connection", "close"),), b"")


def plain(status: int, headers: Mapping[str, str], body: bytes) -> Response:
    return Response(status, tuple(headers.items()), body)

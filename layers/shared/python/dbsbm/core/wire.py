"""A small HTTP/1.1 client over one kept connection: POST, a deadline, nothing else.

``http.client`` brings in the e-mail package and TLS, 25 ms of every cold start; this brings in ``socket``. TLS is
imported when an address is https.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import ssl

MAX_HEAD_BYTES = 65_536
_CHUNK = 65_536
IDLE_S = 20.0
"""How long an unused connection is trusted: a frozen environment misses the other side's goodbye."""


class WireError(Exception):
    """The other side refused, hung up or answered what is not HTTP."""


class LateError(WireError):
    """No complete answer within the time given. The request may have arrived."""


class _HungUpError(WireError):
    """The kept connection was closed before a byte of the answer."""


class Answer(NamedTuple):
    """Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Address(NamedTuple):
    """Where to connect. ``authority`` is the Host header: the port stands in it when it is not the scheme's own."""

    secure: bool
    host: str
    port: int
    authority: str


def address_of(url: str) -> Address:
    """The address of ``http://host[:port]`` or ``https://host[:port]``; a path is ignored.

    Raises
    ------
    ValueError
        When the URL is of another kind.
    """
    scheme, separator, rest = url.partition("://")
    authority = rest.partition("/")[0]
    if not separator or scheme not in {"http", "https"} or not authority or "@" in authority:
        raise ValueError(f"not an http(s) address: {url!r}")
    secure = scheme == "https"
    host, _, port = authority.rpartition(":") if not authority.endswith("]") else (authority, "", "")
    if not host:
        host, port = authority, ""
    return Address(secure, host.strip("[]"), int(port or (443 if secure else 80)), authority)


class Wire:
    """One connection to one address, kept between calls, opened again when the other side has closed it."""

    def __init__(self, address: Address, connect_to: str = "") -> None:
        """``connect_to``: the numeric address to connect to instead of asking what the host's name leads to."""
        self._address = address
        self._connect_to = connect_to or address.host
        self._socket: socket.socket | None = None
        self._context: ssl.SSLContext | None = None
        self._used_at = 0.0

    def post(self, path: str, headers: Mapping[str, str], body: bytes, timeout_s: float) -> Answer:
        """Send and wait, ``timeout_s`` seconds in all. A kept connection found closed is opened anew, once.

        Raises
        ------
        LateError
            When time ran out.
        WireError
            When there is no answer for any other reason.
        """
        deadline = time.monotonic() + timeout_s
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        message = "\r\n".join((*lines, f"content-length: {len(body)}", "", "")).encode("ascii") + body
        if time.monotonic() - self._used_at > IDLE_S:
            self.close()
        kept = self._socket is not None
        try:
            try:
                return self._exchange(message, deadline)
            except _HungUpError:
                if not kept:
                    raise
                self.close()
                return self._exchange(message, deadline)
        except TimeoutError as error:
            self.close()
            raise LateError(f"no answer within {timeout_s:.2f} s") from error
        except (OSError, ValueError) as error:
            self.close()
            raise WireError(f"{type(error).__name__}: {error}") from error
        except WireError:
            self.close()
            raise

    def post_for_head(self, path: str, headers: Mapping[str, str], body: bytes, timeout_s: float) -> Answer:
        """As :meth:`post` over a connection of its own, whose answer's body is not waited for: whatever it is.

        Raises
        ------
        LateError
            When time ran out.
        WireError
            When there is no answer for any other reason.
        """
        deadline = time.monotonic() + timeout_s
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        message = "\r\n".join((*lines, f"content-length: {len(body)}", "connection: close", "", "")).encode("ascii")
        try:
            connection = self._socket = self._connect(deadline)
            connection.settimeout(_left(deadline))
            connection.sendall(message + body)
            status, answered = _parse_head(_head(connection, deadline)[0])
        except TimeoutError as error:
            raise LateError(f"no answer within {timeout_s:.2f} s") from error
        except (OSError, ValueError) as error:
            raise WireError(f"{type(error).__name__}: {error}") from error
        finally:
            self.close()
        return Answer(status, answered, b"")

    def close(self) -> None:
        """Drop the connection; the next call opens another."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _exchange(self, message: bytes, deadline: float) -> Answer:
        connection = self._socket or self._connect(deadline)
        self._socket = connection
        connection.settimeout(_left(deadline))
        try:
            connection.sendall(message)
        except TimeoutError:
            raise
        except OSError as error:
            raise _HungUpError(f"closed while sending: {error}") from error
        head, rest = _head(connection, deadline)
        status, headers = _parse_head(head)
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body = _chunked(connection, rest, deadline)
        else:
            body = _exactly(connection, rest, int(headers.get("content-length", "0")), deadline)
        self._used_at = time.monotonic()
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, headers, body)

    def _connect(self, deadline: float) -> socket.socket:
        connection = socket.create_connection((self._connect_to, self._address.port), _left(deadline))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not self._address.secure:
            return connection
        import ssl  # noqa: PLC0415 — 10 ms that an http address does not need

        self._context = self._context or ssl.create_default_context()
        connection.settimeout(_left(deadline))
        return self._context.wrap_socket(connection, server_hostname=self._address.host)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _receive(connection: socket.socket, deadline: float) -> bytes:
    connection.settimeout(_left(deadline))
    return connection.recv(_CHUNK)


def _head(connection: socket.socket, deadline: float) -> tuple[bytes, bytes]:
    received = b""
    while b"\r\n\r\n" not in received:
        try:
            piece = _receive(connection, deadline)
        except TimeoutError:
            raise
        except OSError:
            piece = b""
        if not piece and not received:
            raise _HungUpError("closed before the answer")
        if not piece or len(received) > MAX_HEAD_BYTES:
            raise WireError("the answer's head is cut off or too long")
        received += piece
    head, _, rest = received.partition(b"\r\n\r\n")
    return head, rest


def _parse_head(head: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    protocol, _, rest = first.partition(" ")
    if not protocol.startswith("HTTP/1."):
        raise WireError("not HTTP/1")
    pairs = (line.partition(":") for line in lines)
    return int(rest[:3]), {name.strip().lower(): value.strip() for name, _, value in pairs}


def _exactly(connection: socket.socket, received: bytes, size: int, deadline: float) -> bytes:
    pieces, held = [received], len(received)
    while held < size:
        piece = _more(connection, deadline)
        pieces.append(piece)
        held += len(piece)
    return b"".join(pieces)[:size]


def _chunked(connection: socket.socket, received: bytes, deadline: float) -> bytes:
    body = b""
    while True:
        while b"\r\n" not in received:
            received += _more(connection, deadline)
        line, _, received = received.partition(b"\r\n")
        size = int(line.partition(b";")[0], 16)
        while len(received) < size + 2:
            received += _more(connection, deadline)
        body, received = body + received[:size], received[size + 2 :]
        if size == 0:
            return body


def _more(connection: socket.socket, deadline: float) -> bytes:
    piece = _receive(connection, deadline)
    if not piece:
        raise WireError("the answer is cut off")
    return piece

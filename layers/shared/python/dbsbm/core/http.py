"""One HTTP exchange as data, so that the local cloud and the tests can stand in for the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from dbsbm.core.errors import DbsbmError


class TransportError(DbsbmError):
    """No answer. ``sent`` is False only when the request certainly never left (so repeating it is safe)."""

    code = "transport"
    retryable = True

    def __init__(self, detail: str, *, sent: bool) -> None:
        super().__init__(detail)
        self.sent = sent


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """``url`` is absolute; header names are lower-case; ``timeout_s`` covers connect and read.

    ``connect_to``: an address that was checked; the connection goes there whatever the URL's name leads to (which still
    stands in the Host header and is what the certificate must show), and of the answer only the head is read.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    timeout_s: float = 10.0
    connect_to: str = ""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """Header names are lower-case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Transport(Protocol):
    """Carry one request.

    Raises
    ------
    TransportError
        When no complete answer came back.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse: ...

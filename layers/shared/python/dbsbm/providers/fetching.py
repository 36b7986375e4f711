"""One question to a provider: what comes back, unpacked and of a size that can be held."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from dbsbm.core.clock import Clock
from dbsbm.core.errors import ProviderUnavailableError
from dbsbm.core.http import HttpRequest, HttpResponse, Transport, TransportError
from dbsbm.providers.errors import ProviderDocumentError

REQUEST_S = 10.0
MAX_BYTES = 20_000_000
"""A full slate of one league is some 300 KB; a hundred times that is not a slate."""


@dataclass(frozen=True, slots=True)
class Served:
    """A body as it was served, and when; ``unchanged``: it is the one called ``etag``, and was not sent again."""

    body: bytes
    fetched_at: datetime
    etag: str = ""
    unchanged: bool = False


class Client:
    """The way to one provider. ``key`` is asked at each use, so that a changed secret is taken up."""

    def __init__(
        self,
        transport: Transport,
        base_url: str,
        key: Callable[[], str],
        clock: Clock,
        *,
        timeout_s: float = REQUEST_S,
    ) -> None:
        self._transport = transport
        self._base_url = base_url.rstrip("/")
        self._key = key
        self._clock = clock
        self._timeout_s = timeout_s


def asked(transport: Transport, path: str, url: str, headers: Mapping[str, str], timeout_s: float) -> HttpResponse:
    """The answer to a GET, whatever its status. ``path`` stands in for the URL in errors: a URL may hold a key.

    Raises
    ------
    ProviderUnavailableError
        When no complete answer came back.
    """
    sent = {"accept": "application/json", "accept-encoding": "gzip", **headers}
    try:
        return transport(HttpRequest("GET", url, sent, timeout_s=timeout_s))
    except TransportError as error:
        raise ProviderUnavailableError(f"{path}: no answer ({error.detail})") from error


def fetched_now(clock: Clock) -> datetime:
    """The time of a document, to the second: as its key in the archive has it, so that it can be taken in again."""
    return clock.now().replace(microsecond=0)


def plain(path: str, response: HttpResponse) -> bytes:
    """The body, unpacked when the transport left that to us.

    Raises
    ------
    ProviderDocumentError
        When it is broken, cut off or too large.
    """
    body = response.body
    if body[:2] == b"\x1f\x8b":
        unpacker = zlib.decompressobj(wbits=31)
        try:
            body = unpacker.decompress(body, MAX_BYTES + 1)
        except zlib.error as error:
            raise ProviderDocumentError(f"{path}: broken gzip") from error
        if not unpacker.eof and len(body) <= MAX_BYTES:
            raise ProviderDocumentError(f"{path}: gzip cut off")
    if len(body) > MAX_BYTES:
        raise ProviderDocumentError(f"{path}: larger than {MAX_BYTES} bytes")
    return body


def seconds(text: str | None) -> float | None:
    """A ``Retry-After`` in seconds."""
    return float(text) if text is not None and text.isdigit() else None

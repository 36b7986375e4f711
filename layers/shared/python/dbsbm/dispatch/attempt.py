"""One attempt to tell an endpoint: checked addresses only, few redirects, a time limit, and no body read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin

from dbsbm.core.clock import Clock
from dbsbm.core.http import HttpRequest, HttpResponse, Transport, TransportError
from dbsbm.webhooks.addresses import AddressError, Resolve, place_of, resolved

TIMEOUT_S = 10.0
"""For all hops together."""
MAX_REDIRECTS = 3
_MOVED = frozenset({301, 302, 307, 308})
_SECONDS = re.compile(r"\d{1,5}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Outcome:
    """``status`` is the last answer's, None without one. ``error`` is a short word of ours, empty when it went well.

    ``retry_after_s`` is what the endpoint asked for; ``gone``: it wants no more.
    """

    status: int | None
    error: str = ""
    retry_after_s: float | None = None
    gone: bool = False

    @property
    def good(self) -> bool:
        return not self.error


@dataclass(frozen=True, slots=True)
class Way:
    """How endpoints are reached. ``loopback`` lets those on this machine be."""

    transport: Transport
    resolve: Resolve
    clock: Clock
    loopback: bool = False


def tell(way: Way, url: str, headers: dict[str, str], body: bytes) -> Outcome:
    """POST a signed body; the same to where the endpoint moved to, if that may be told."""
    until = way.clock.now().timestamp() + TIMEOUT_S
    for _ in range(MAX_REDIRECTS + 1):
        left = until - way.clock.now().timestamp()
        if left <= 0:
            return Outcome(None, "timeout")
        try:
            place = place_of(url, loopback=way.loopback)
            address = resolved(place, way.resolve, loopback=way.loopback)
            answer = way.transport(HttpRequest("POST", place.url, headers, body, left, connect_to=address))
        except AddressError as error:
            return Outcome(None, f"address: {error.reason}")
        except TransportError as error:
            return Outcome(None, error.detail[:100] or "no answer")
        target = answer.headers.get("location", "")
        if answer.status not in _MOVED or not target:
            return _judged(answer)
        url = urljoin(url, target)
    return Outcome(answer.status, "too many redirects")


def _judged(answer: HttpResponse) -> Outcome:
    if 200 <= answer.status < 300:
        return Outcome(answer.status)
    asked = answer.headers.get("retry-after", "")
    wait = float(asked) if _SECONDS.fullmatch(asked) else None
    return Outcome(answer.status, f"answered {answer.status}", wait, gone=answer.status == 410)

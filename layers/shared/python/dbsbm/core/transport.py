"""The network: HTTP over pooled, kept-alive connections (urllib3)."""

from __future__ import annotations

from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError

from dbsbm.core.http import HttpRequest, HttpResponse, TransportError
from dbsbm.core.wire import Wire, WireError, address_of

_CONNECT_S = 2.0


class PooledTransport:
    """Carries requests with one pool per environment. It follows no redirects and repeats nothing."""

    def __init__(self) -> None:
        self._pool = urllib3.PoolManager(num_pools=4, maxsize=4, retries=False)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Send one request.

        Raises
        ------
        TransportError
            When no complete answer came back within ``timeout_s``.
        """
        if request.connect_to:
            return _to_checked(request)
        try:
            answer = self._pool.request(
                request.method,
                request.url,
                headers=dict(request.headers),
                body=request.body or None,
                timeout=urllib3.Timeout(
                    connect=min(_CONNECT_S, request.timeout_s), read=request.timeout_s, total=request.timeout_s
                ),
                redirect=False,
                retries=False,
            )
        except (NewConnectionError, ConnectTimeoutError, SSLError) as error:
            raise TransportError(type(error).__name__, sent=False) from error
        except HTTPError as error:
            raise TransportError(type(error).__name__, sent=True) from error
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return HttpResponse(answer.status, headers, answer.data)


def _to_checked(request: HttpRequest) -> HttpResponse:
    """To the address that was checked, over a connection of its own."""
    parts = urlsplit(request.url)
    path = parts.path or "/"
    target = f"{path}?{parts.query}" if parts.query else path
    address = address_of(f"{parts.scheme}://{parts.netloc}")
    headers = {"host": address.authority, **request.headers}
    try:
        answer = Wire(address, request.connect_to).post_for_head(target, headers, request.body, request.timeout_s)
    except WireError as error:
        raise TransportError(str(error), sent=True) from error
    return HttpResponse(answer.status, answer.headers)

"""The network: HTTP over pooled, kept-alive connections (urllib3)."""

from __future__ import annotations

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError

from dbsbm.core.http import HttpRequest, HttpResponse, TransportError

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

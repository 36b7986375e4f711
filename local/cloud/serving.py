"""The catalog served to the network: the HTTP API on one port, AWS's APIs on another."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dbsbm.core.http import TransportError
from infra.catalog import CATALOG, Catalog
from local.cloud.cloud import Cloud
from local.cloud.execution import ROOT
from local.cloud.http_api import LIMIT_BYTES, Arrival, message
from local.cloud.wire import Request, Response, Server, plain
from local.traces.assembly import interactions
from local.traces.page import MOST, PATH, page


class HttpServer:
    """The HTTP API of a cloud on 127.0.0.1, and a page of what went through it. ``port`` 0 takes a free one."""

    def __init__(self, cloud: Cloud, port: int = 0) -> None:
        self._cloud = cloud
        self._server = Server(self._answer, port, LIMIT_BYTES)
        self.port = self._server.port
        self.url = f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self._server.stop()

    def _answer(self, request: Request, client: str) -> Response | None:
        if request.oversize:
            answer = message(413, "Request Entity Too Large")
            return plain(answer.status, answer.headers, answer.body)
        if request.method == "GET" and request.target == PATH:
            shown = page(interactions(self._cloud.all_logs(), MOST)).encode()
            return plain(200, {"content-type": "text/html; charset=utf-8", "cache-control": "no-store"}, shown)
        try:
            answer = self._cloud.http_arrival(
                Arrival(request.method, request.target, request.headers, request.body, client)
            )
        except TransportError:
            return None  # a dropped request: the connection ends without an answer
        return plain(answer.status, answer.headers, answer.body)


class Served:
    """A cloud in process mode and its HTTP API. ``stop`` ends all of it."""

    def __init__(self, cloud: Cloud, http: HttpServer) -> None:
        self.cloud = cloud
        self.http_url = http.url
        self.endpoint_url = cloud.endpoint
        self._http = http

    def stop(self) -> None:
        self._http.stop()
        self.cloud.stop()


def serve(
    settings: Mapping[str, str],
    http_port: int = 0,
    endpoint_port: int = 0,
    *,
    state: Path | None = None,
    catalog: Catalog = CATALOG,
    functions: Path = ROOT / "functions",
) -> Served:
    """Start the catalog in process mode.

    ``settings`` are the stage's values by variable name (``DATABASE_URL``, ``DISCORD_PUBLIC_KEY``, …) and the
    operator's secrets likewise (``DISCORD_BOT_TOKEN``); with ``AWS_ENDPOINT_URL`` among them, that AWS is used instead
    of moto. ``state`` keeps logs (``logs/<function>-<slot>.log``) and generated secrets over restarts.

    Raises
    ------
    OSError
        When a port is taken.
    """
    cloud = Cloud(
        catalog, mode="processes", settings=settings, functions=functions, state=state, endpoint_port=endpoint_port
    )
    try:
        return Served(cloud, HttpServer(cloud, http_port))
    except BaseException:
        cloud.stop()
        raise

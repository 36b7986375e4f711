"""The providers over HTTP on 127.0.0.1, with faults that a network and a busy provider have.

``python -m local.providers.server --port 8095 --demo-since 2026-11-22T12:00:00Z`` serves the demo's slate. While it
runs, ``PUT /local/source`` with ``{"recording": DIR, "shift_s": n}`` or ``{"demo_since": …}`` changes what it serves,
``PUT /local/fault`` with ``{"fault": "429"}`` spoils the next answer, and ``PUT /local/event`` with ``{"home": "Boston
Celtics", "state": "postponed"}`` changes what the second source says of a game.
"""

from __future__ import annotations

import argparse
import json
import threading
from collections import deque
from datetime import datetime, timedelta
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from dbsbm.core.clock import Clock, environment_clock
from dbsbm.core.http import HttpRequest, HttpResponse
from local.demo.slate import DemoSlate
from local.providers.espn import PREFIX as ESPN
from local.providers.espn import EspnProvider
from local.providers.odds_api import OddsApiProvider, Source
from local.providers.recording import Recording
from local.providers.weather import CURRENT, FORECAST, WeatherProvider


class Fault(StrEnum):
    RATE = "429"
    ERROR = "500"
    GATEWAY = "502"
    """An HTML page, as a proxy sends."""
    SLOW = "slow"
    """No answer until the caller has given up."""
    TRUNCATED = "truncated"
    """Half of the body, then the connection ends."""
    CUT_JSON = "cut_json"
    """A complete answer whose JSON is cut off."""
    ENCODING = "encoding"
    """A complete answer in bytes that are not UTF-8."""
    RESET = "reset"
    """The connection ends without an answer."""


_LONGEST_WAIT_S = 30.0


class ProviderServer:
    """The provider behind a real socket. ``faults`` spoil the next answers, one each; None lets one pass."""

    def __init__(self, provider: OddsApiProvider, port: int = 0) -> None:
        self.provider = provider
        self.espn = EspnProvider(provider.clock)
        self.weather = WeatherProvider(provider.clock)
        self.faults: deque[Fault | None] = deque()
        self.stopping = threading.Event()
        self._server = _Server(("127.0.0.1", port), self)
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(0.02), name="odds-provider")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def handle(self, request: HttpRequest) -> HttpResponse:
        """The answer of the provider that the path belongs to."""
        path = urlsplit(request.url).path
        if path.startswith(ESPN):
            return self.espn.handle(self.provider.source, request)
        if path in (CURRENT, FORECAST):
            return self.weather.handle(request)
        return self.provider.handle(request)

    def serve(self) -> None:
        """Serve in this thread until interrupted."""
        self._server.serve_forever()

    def control(self, path: str, body: bytes) -> HttpResponse:
        """Change what is served, or order a fault."""
        try:
            order = json.loads(body)
            if path == "/local/fault":
                self.faults.append(Fault(order["fault"]))
            elif path == "/local/event":
                self.espn.order(order.pop("home"), **order)
            else:
                self.provider.source = source_of(order)
        except (ValueError, KeyError, TypeError, OSError) as error:
            return HttpResponse(400, {"content-type": "application/json"}, json.dumps({"message": str(error)}).encode())
        return HttpResponse(200, {"content-type": "application/json"}, b"{}")


def source_of(order: dict[str, Any]) -> Source:
    """The source that an order names.

    Raises
    ------
    ValueError, KeyError, OSError
        When it names none.
    """
    if "recording" in order:
        return Recording.load(Path(order["recording"]), timedelta(seconds=float(order["shift_s"])))
    return DemoSlate(datetime.fromisoformat(order["demo_since"]))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], owner: ProviderServer) -> None:
        self.owner = owner
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body leave together
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        owner = self.server.owner
        headers = {name.lower(): value for name, value in self.headers.items()}
        url = f"{owner.url}{self.path}"
        fault = owner.faults.popleft() if owner.faults else None
        if fault is None:
            self._send(owner.handle(HttpRequest("GET", url, headers)))
            return
        self._spoil(fault, HttpRequest("GET", url, headers))

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        known = self.path in ("/local/source", "/local/fault", "/local/event")
        self._send(self.server.owner.control(self.path, body) if known else HttpResponse(404))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing: the query holds the key."""

    def _spoil(self, fault: Fault, request: HttpRequest) -> None:
        owner = self.server.owner
        plain = HttpRequest(request.method, request.url, {})
        match fault:
            case Fault.RATE:
                body = b'{"message":"Requests are too frequent","error_code":"EXCEEDED_FREQ_LIMIT"}'
                self._send(HttpResponse(429, {"content-type": "application/json", "retry-after": "7"}, body))
            case Fault.ERROR:
                self._send(HttpResponse(500, {"content-type": "application/json"}, b'{"message":"Internal error"}'))
            case Fault.GATEWAY:
                self._send(HttpResponse(502, {"content-type": "text/html"}, b"<html>Bad gateway</html>"))
            case Fault.CUT_JSON:
                body = owner.handle(plain).body
                self._send(HttpResponse(200, {"content-type": "application/json"}, body[: len(body) // 2]))
            case Fault.ENCODING:
                answer = owner.handle(plain)
                self._send(HttpResponse(200, answer.headers, answer.body.replace(b'"', b'"\xe9', 1)))
            case Fault.TRUNCATED:
                answer = owner.handle(plain)
                self._send(answer, sent=len(answer.body) // 2)
                self.close_connection = True
            case Fault.SLOW:
                owner.stopping.wait(_LONGEST_WAIT_S)
                self.close_connection = True
            case Fault.RESET:
                self.close_connection = True

    def _send(self, response: HttpResponse, sent: int | None = None) -> None:
        """Send the response; with ``sent`` only so many bytes of the announced body."""
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(response.body)))
        self.end_headers()
        self.wfile.write(response.body if sent is None else response.body[:sent])
        self.wfile.flush()


def main(arguments: list[str] | None = None, clock: Clock | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m local.providers.server", description=__doc__)
    parser.add_argument("--port", type=int, default=8095)
    parser.add_argument("--demo-since", type=datetime.fromisoformat, required=True, help="the demo slate's beginning")
    chosen = parser.parse_args(arguments)
    provider = OddsApiProvider(DemoSlate(chosen.demo_since), clock or environment_clock())
    ProviderServer(provider, chosen.port).serve()


if __name__ == "__main__":
    main()

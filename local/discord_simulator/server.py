"""The simulator over HTTP: Discord's API, the CDN, the page and what the page needs."""

from __future__ import annotations

import json
import queue
import sys
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from dbsbm.core.http import HttpRequest, HttpResponse, TransportError
from local.discord_simulator import page_api
from local.discord_simulator.simulator import Simulator
from local.discord_simulator.state import Json

PAGE = Path(__file__).parent / "page"
MAX_BODY = 30 * 1024 * 1024
_HEARTBEAT_S = 15.0
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".ttf": "font/ttf",
}


def http_endpoint(url: str, timeout_s: float = 3.0) -> Callable[[HttpRequest], HttpResponse]:
    """An endpoint behind an address, called as Discord calls it: three seconds, then it gives up."""
    parts = urlsplit(url)

    def call(request: HttpRequest) -> HttpResponse:
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=timeout_s)
        try:
            connection.request("POST", parts.path or "/", request.body, dict(request.headers))
            answer: HTTPResponse = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return HttpResponse(answer.status, headers, answer.read())
        except (OSError, HTTPException) as error:
            raise TransportError(
                f"{type(error).__name__}: {error}", sent=not isinstance(error, ConnectionRefusedError)
            ) from error
        finally:
            connection.close()

    return call


class SimulatorServer(ThreadingHTTPServer):
    """Serves one simulator; ``serve_forever`` until ``shutdown``."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, simulator: Simulator, port: int, host: str = "127.0.0.1") -> None:
        super().__init__((host, port), Handler)
        self.simulator = simulator
        self.stopping = False

    def server_bind(self) -> None:
        """Bind without looking up the machine's own name, which can take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def start(self) -> Thread:
        """Serve in a thread of its own."""
        thread = Thread(target=self.serve_forever, args=(0.05,), name="discord-simulator", daemon=True)
        thread.start()
        return thread

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that left is no error."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def stop(self) -> None:
        self.stopping = True
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """One request of one connection."""

    server: SimulatorServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 120

    def do_GET(self) -> None:
        self._take()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Nothing: the simulator keeps its own list of requests."""

    def _take(self) -> None:
        path = urlsplit(self.path).path
        body = self._body()
        if body is None:
            self.close_connection = True
            self._send(HttpResponse(413, {"content-type": "application/json"}, b'{"message":"413","code":0}'))
            return
        if path == "/sim/events":
            self._stream()
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = HttpRequest(self.command, f"http://{headers.get('host', 'localhost')}{self.path}", headers, body)
        try:
            self._send(self._answer(path, request))
        except TransportError:
            self.close_connection = True

    def _body(self) -> bytes | None:
        """The body, sent whole or in chunks; None when it is larger than anything we take."""
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            length = int(self.headers.get("content-length") or 0)
            return self.rfile.read(length) if length <= MAX_BODY else None
        body = bytearray()
        while size := int(self.rfile.readline().split(b";")[0] or b"0", 16):
            if len(body) + size > MAX_BODY:
                return None
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            continue  # trailers
        return bytes(body)

    def _answer(self, path: str, request: HttpRequest) -> HttpResponse:
        if path.startswith(("/api/", "/cdn/")):
            return self.server.simulator.handle(request)
        if path.startswith("/sim/"):
            return page_api.answer(self.server.simulator, request)
        return _page_file(path) if request.method == "GET" else HttpResponse(405)

    def _send(self, response: HttpResponse) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status != 204:
            self.send_header("content-length", str(len(response.body)))
        self.end_headers()
        if response.status != 204:
            self.wfile.write(response.body)
        self.wfile.flush()

    def _stream(self) -> None:
        """Server-sent events until the browser leaves."""
        events: queue.SimpleQueue[Json] = queue.SimpleQueue()
        simulator = self.server.simulator
        user = parse_qs(urlsplit(self.path).query).get("user", ["0"])[0]
        simulator.listeners.append(events.put)
        self.close_connection = True
        try:
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("cache-control", "no-store")
            self.end_headers()
            self.wfile.write(b": connected\n\n")
            self.wfile.flush()
            while not self.server.stopping:
                try:
                    event = page_api.event_for(simulator, events.get(timeout=_HEARTBEAT_S), user)
                except queue.Empty:
                    self.wfile.write(b": still here\n\n")
                else:
                    if event is not None:
                        self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
                self.wfile.flush()
        except OSError:
            return
        finally:
            simulator.listeners.remove(events.put)


def _page_file(path: str) -> HttpResponse:
    """A file of the page; its folder is all there is to reach."""
    wanted = (PAGE / (path.lstrip("/") or "index.html")).resolve()
    if not wanted.is_relative_to(PAGE.resolve()) or not wanted.is_file() or wanted.suffix not in _TYPES:
        return HttpResponse(404, {"content-type": "text/plain"}, b"not found")
    return HttpResponse(200, {"content-type": _TYPES[wanted.suffix], "cache-control": "no-cache"}, wanted.read_bytes())

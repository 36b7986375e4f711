"""``./dev bench coldstart``: what the front door adds to a fresh process of AWS's own Python runtime client.

Each sample is a new ``awslambdaric`` process, from its start until its first response reaches our Runtime API. The
kinds take turns, so that whatever else the machine does falls on all of them; an empty handler is the control.
Source: facts of the Lambda Runtime API in the AWS Lambda developer guide, "Building a custom runtime".
"""

from __future__ import annotations

import compileall
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from bench import _signed
from bench._authority import server_context
from bench._results import Target, report, summarize

ROOT = Path(__file__).parent.parent
SAMPLES = 40
PING_MS, COMMAND_MS = 25.0, 60.0
HANDLER = "interactions.handler.handler"
_ANSWER = json.dumps({"v": 1, "kind": "message", "data": {"flags": 64}, "images": []}).encode()


class Kind(NamedTuple):
    handler: str
    event: Callable[[], dict[str, Any]]
    environ: dict[str, str]
    expected: str
    """What the response must hold, so that a failing front door is not measured as a quick one."""


def main() -> None:
    """Measure and print, in milliseconds."""
    for folder in ("functions", "layers/shared/python/dbsbm/core", "layers/shared/python/dbsbm/discord", "bench"):
        compileall.compile_dir(ROOT / folder, quiet=1)
    with tempfile.TemporaryDirectory() as directory:
        bundle = Path(directory) / "authority.pem"
        plain, secure = _functions_api(None), _functions_api(server_context(bundle))
        signed = {"DISCORD_PUBLIC_KEY": _signed.KEY.hex()}
        keys = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_REGION": "us-east-1"}
        over_http = {**signed, **keys, "AWS_ENDPOINT_URL_LAMBDA": f"http://127.0.0.1:{plain}"}
        over_tls = {
            **signed,
            **keys,
            "AWS_ENDPOINT_URL_LAMBDA": f"https://127.0.0.1:{secure}",
            "SSL_CERT_FILE": str(bundle),
        }
        kinds = {
            "empty handler": Kind("bench._empty_handler.handler", _ping, {}, '{\\"type\\":1}'),
            "PING": Kind(HANDLER, _ping, signed, '{\\"type\\":1}'),
            "command, plain hand-off": Kind(HANDLER, _command, over_http, '{\\"type\\":'),
            "command, TLS hand-off": Kind(HANDLER, _command, over_tls, '{\\"type\\":'),
        }
        samples = _measure(kinds)
    rows = {name: summarize(times) for name, times in samples.items()}
    floor = rows["empty handler"].median
    added = {name: round(row.median - floor, 1) for name, row in rows.items()}
    targets = [
        Target("PING over the empty handler (median)", added["PING"], PING_MS, "ms"),
        Target("command over the empty handler (median)", added["command, plain hand-off"], COMMAND_MS, "ms"),
    ]
    report("coldstart", rows, "ms", targets, {"TLS over the empty handler": f"{added['command, TLS hand-off']} ms"})


def _ping() -> dict[str, Any]:
    return _signed.event(_signed.ping())


def _command() -> dict[str, Any]:
    return _signed.event(_signed.command())


def _measure(kinds: dict[str, Kind]) -> dict[str, list[float]]:
    samples: dict[str, list[float]] = {name: [] for name in kinds}
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        for kind in kinds.values():
            _start_once(kind, server)
        for turn in range(SAMPLES):
            names = list(kinds)
            for name in names[turn % len(names) :] + names[: turn % len(names)]:
                samples[name].append(_start_once(kinds[name], server))
    return samples


def _start_once(kind: Kind, server: socket.socket) -> float:
    """Milliseconds from the start of a process until its first response is here."""
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in ("functions", "layers/shared/python", ".")),
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.getsockname()[1]}",
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        **kind.environ,
    }
    event = json.dumps(kind.event()).encode()
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "awslambdaric", kind.handler],
        env=environ,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        connection, _ = server.accept()
        with connection:
            response = _one_invocation(connection, server, event)
            taken = (time.perf_counter() - began) * 1000
    finally:
        process.kill()
        process.wait()
    if kind.expected not in response:
        raise SystemExit(f"{kind.handler} did not answer as it should: {response[:500]}")
    return taken


def _one_invocation(connection: socket.socket, server: socket.socket, event: bytes) -> str:
    """Play the Runtime API for one invocation: answer ``next``, take the response (or the error report)."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    path, body = _request(connection)
    if not path.endswith("/invocation/next"):
        return f"{path} {body.decode(errors='replace')}"
    head = (
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        "Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n"
        f"Lambda-Runtime-Deadline-Ms: {int(time.time() * 1000) + 5000}\r\n"
        "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:000000000000:function:bench\r\n"
        f"Content-Length: {len(event)}\r\n\r\n"
    )
    connection.sendall(head.encode() + event)
    try:
        path, body = _request(connection)
    except ConnectionError:
        # The client may use a second connection for its response.
        connection, _ = server.accept()
        with connection:
            path, body = _request(connection)
    return body.decode() if path.endswith("/response") else f"{path} {body.decode(errors='replace')}"


def _request(connection: socket.socket) -> tuple[str, bytes]:
    received = b""
    while b"\r\n\r\n" not in received:
        received += _some(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += _some(connection)
    return first.split(" ")[1], body


def _some(connection: socket.socket) -> bytes:
    piece = connection.recv(65_536)
    if not piece:
        raise ConnectionError("closed")
    return piece


def _functions_api(context: ssl.SSLContext | None) -> int:
    """Start a stand-in for Lambda's Invoke API, which takes every hand-off; returns its port."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            connection, _ = server.accept()
            try:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if context is not None:
                    connection = context.wrap_socket(connection, server_side=True)
                while True:
                    _request(connection)
                    head = (
                        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(_ANSWER)}\r\n\r\n"
                    )
                    connection.sendall(head.encode() + _ANSWER)
            except OSError:
                connection.close()

    threading.Thread(target=serve, daemon=True).start()
    return int(server.getsockname()[1])


if __name__ == "__main__":
    main()

"""``./dev up``: start every part, load the demo, say where things are, stay until Ctrl-C."""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from types import FrameType

from dbsbm.core.clock import ShiftedClock
from dbsbm.core.errors import DbsbmError
from dbsbm.core.ids import Ids
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from local.demo import guild as demo
from local.demo.games import load_games
from local.run import registration
from local.run.children import tail
from local.run.down import stop_left_over
from local.run.migrate import forgotten
from local.run.parts import CLOCK, Parts, Settings, ask, reset_clock
from local.run.state import FILE, LOGS, State, alive, read
from local.servers import ServerError
from local.traces.page import PATH

DETACHED_READY_WITHIN_S = 180.0


def run(arguments: argparse.Namespace) -> int:
    earlier = read()
    if earlier is not None and alive(earlier) and earlier.pid != os.getpid():
        raise ServerError("it runs already; ./dev down stops it")
    if earlier is not None:
        stop_left_over(earlier)
    ports = {name: _port(name, usual) for name, usual in (("DBSBM_HTTP_PORT", 8080), ("DBSBM_DISCORD_PORT", 8090))}
    if arguments.detach:
        return _detach()
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell starts background jobs with SIGINT ignored
        signal.signal(number, _interrupt)
    with ExitStack() as stack:
        stack.callback(FILE.unlink, missing_ok=True)
        try:
            return _serve(stack, ports["DBSBM_HTTP_PORT"], ports["DBSBM_DISCORD_PORT"])
        except DbsbmError as error:
            raise ServerError(f"{error.detail}. ./dev logs shows more") from error
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):  # a second Ctrl-C does not leave half of it running
                signal.signal(number, signal.SIG_IGN)
            print("\n  stopping …", flush=True)


def _serve(stack: ExitStack, http_port: int, discord_port: int) -> int:
    started = time.monotonic()
    parts = Parts(stack, os.environ)
    now = reset_clock()
    settings = _start(parts, http_port, discord_port, now)
    _load_demo(settings, discord_port, now)
    print(_welcome(settings, http_port, discord_port, time.monotonic() - started), flush=True)
    State(os.getpid(), True, parts.groups, settings).write()
    while True:
        for child in parts.children:
            if not child.running():
                raise ServerError(f"{child.name} ended by itself. The end of {child.log}:\n{tail(child.log, 20)}")
        time.sleep(0.5)


def _start(parts: Parts, http_port: int, discord_port: int, now: datetime) -> Settings:
    """Start what stands alone side by side, then the cloud, which is told where the others are."""
    State(os.getpid(), False, {}, {}).write()
    print("  starting database, cache, odds provider and Discord …", flush=True)
    with ThreadPoolExecutor() as pool:
        alone = [
            pool.submit(parts.database),
            pool.submit(parts.cache),
            pool.submit(parts.provider, now),
            pool.submit(parts.discord, discord_port, http_port),
        ]
    State(os.getpid(), False, parts.groups, {}).write()
    settings: Settings = {}
    for part in alone:
        settings |= part.result()
    print("  starting the cloud …", flush=True)
    settings |= parts.cloud(http_port, settings)
    State(os.getpid(), False, parts.groups, settings).write()
    return settings


def _load_demo(settings: Settings, discord_port: int, now: datetime) -> None:
    """Games from ``now``, the moment the provider was given too: it goes on with the same ones."""
    print("  registering commands, loading the demo …", flush=True)
    registration.register(settings)
    clock = ShiftedClock(CLOCK)
    database = Database(lambda: connect_from_url(settings["DATABASE_URL"]), clock)
    try:
        database.run(lambda session: load_games(session, now, Ids(clock)), statement_s=30.0)
    finally:
        database.close()
    forgotten(settings.get("REDIS_URL"))
    if _is_simulated(settings, discord_port):
        _people(f"http://127.0.0.1:{discord_port}")


def _people(simulator: str) -> None:
    ask(f"{simulator}/sim/seed", "POST", json.dumps(demo.COMMUNITY).encode())
    problems = ask(f"{simulator}/sim/validate", "POST", b"{}")["problems"]
    if problems:
        print(f"  Discord would refuse the endpoint: {'; '.join(problems)}", flush=True)


def _is_simulated(settings: Mapping[str, str], discord_port: int) -> bool:
    return settings["DISCORD_API_BASE_URL"].startswith(f"http://127.0.0.1:{discord_port}/")


def _welcome(settings: Settings, http_port: int, discord_port: int, seconds: float) -> str:
    admin, capper = demo.ADMIN.capitalize(), demo.CAPPERS[0].capitalize()
    lines = ["", f"Ready after {seconds:.0f} s.", ""]
    if _is_simulated(settings, discord_port):
        lines.append(f"  Discord, as a page       http://127.0.0.1:{discord_port}/")
    lines += [
        f"  interactions             http://127.0.0.1:{http_port}/discord/interactions",
        f"  what happened            http://127.0.0.1:{http_port}{PATH}",
        f"  health                   http://127.0.0.1:{http_port}/health",
        f"  database                 {_without_password(settings['DATABASE_URL'])}",
        "",
        f"Try: open the page as {admin} (admin) and type /setup, then /capper add for {capper};",
        f"switch to {capper}, type /bet and take the first offer (it starts in minutes), press Post;",
        "once it is under way ⋯ on the slip and Won; then /stats.",
        "",
        "Logs: ./dev logs    Ctrl-C (or ./dev down) stops everything this started.",
    ]
    return "\n".join(lines)


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    who, at, where = rest.rpartition("@")
    return f"{scheme}://{who.partition(':')[0]}{at}{where}"


def _port(name: str, usual: int) -> int:
    """A fixed port, that must be free.

    Raises
    ------
    ServerError
        Naming the variable that chooses another.
    """
    text = os.environ.get(name, str(usual))
    if not text.isdecimal() or not 0 < int(text) < 65_536:
        raise ServerError(f"{name} must be a port from 1 to 65535, not {text!r}")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(text)))
        except OSError as error:
            raise ServerError(f"port {text} is taken ({error.strerror}): choose another with {name}=…") from error
    return int(text)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _detach() -> int:
    """Start the same in a session of its own and return when it is ready."""
    log = LOGS / "up.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "local.run", "up"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    until = time.monotonic() + DETACHED_READY_WITHIN_S
    while time.monotonic() < until and process.poll() is None:
        state = read()
        if state is not None and state.ready and state.pid == process.pid:
            print(_after_start(log))
            return 0
        time.sleep(0.1)
    process.terminate()
    raise ServerError(f"it did not start. The end of {log}:\n{tail(log, 25)}")


def _after_start(log: Path) -> str:
    text = log.read_text(errors="replace").replace("Ctrl-C (or ./dev down)", "./dev down")
    return text[text.index("Ready") :].rstrip()

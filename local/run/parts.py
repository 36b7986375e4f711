"""The parts of ``./dev up``, each started unless a variable replaces it, each stopped in reverse order."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pymysql

from dbsbm.core.http import HttpRequest
from dbsbm.core.transport import PooledTransport
from dbsbm.database.migrate import migrate
from local.run.children import Child, answers
from local.run.state import LOCAL, LOGS
from local.servers import MariaDB, Redis, ServerError, free_port

SCHEMA = "dbsbm"
CLOUD = LOCAL / "cloud"
CLOCK = CLOUD / "clock"
"""The offset of the local cloud's clock: the simulator and the provider live in the same time."""

Settings = dict[str, str]


class Parts:
    """What was started so far: ``groups`` are process groups by name, ``children`` are watched while we run."""

    def __init__(self, stack: ExitStack, environ: Mapping[str, str]) -> None:
        self.groups: dict[str, int] = {}
        self.children: list[Child] = []
        self._stack = stack
        self._environ = environ

    def database(self) -> Settings:
        """MariaDB with every migration applied."""
        url = self._environ.get("DATABASE_URL")
        if not url:
            server = MariaDB(LOCAL / "data" / "mariadb").start()
            self._stack.callback(server.stop)
            self.groups["mariadb"] = server.pid
            with server.connect() as connection, connection.cursor() as cursor:
                cursor.execute(f"CREATE DATABASE IF NOT EXISTS {SCHEMA}")
            url = server.url(SCHEMA)
        try:
            migrate(url)
        except pymysql.err.MySQLError as error:
            raise ServerError(f"the database cannot be used: {error}") from error
        return {"DATABASE_URL": url}

    def cache(self) -> Settings:
        url = self._environ.get("REDIS_URL")
        if not url:
            server = Redis(LOCAL / "data" / "redis").start()
            self._stack.callback(server.stop)
            self.groups["redis"] = server.pid
            url = server.url()
        return {"REDIS_URL": url}

    def provider(self, since: datetime) -> Settings:
        """The providers with the demo's games, which begin at ``since``; real odds bring the real second source."""
        key = {"ODDS_API_KEY": self._environ.get("ODDS_API_KEY", "local")}
        url = self._environ.get("ODDS_API_BASE_URL")
        if url:
            return {"ODDS_API_BASE_URL": url, **key, **self._real_sources()}
        port = free_port()
        command = ("local.providers.server", "--port", str(port), "--demo-since", since.isoformat())
        self._child("provider", command, {}, lambda: answers(port, "/", statuses=(200, 401, 404)))
        here = f"http://127.0.0.1:{port}"
        weather = {"WEATHER_API_BASE_URL": here, "WEATHER_API_KEY": "local"}
        return {
            "ODDS_API_BASE_URL": here,
            "ODDS_API_MONTHLY_CREDITS": "1000000",
            "ESPN_BASE_URL": here,
            **weather,
            **key,
        }

    def _real_sources(self) -> Settings:
        """The other providers, when the odds are real; the ones that take a key only where there is one."""
        settings = {
            "ODDS_API_MONTHLY_CREDITS": self._environ.get("ODDS_API_MONTHLY_CREDITS", "500"),
            "ESPN_BASE_URL": self._environ.get("ESPN_BASE_URL", "https://site.api.espn.com"),
        }
        if self._environ.get("WEATHER_API_KEY"):
            settings["WEATHER_API_KEY"] = self._environ["WEATHER_API_KEY"]
            settings["WEATHER_API_BASE_URL"] = self._environ.get("WEATHER_API_BASE_URL", "https://api.weatherapi.com")
        if self._environ.get("API_SPORTS_KEY"):
            settings["API_SPORTS_KEY"] = self._environ["API_SPORTS_KEY"]
            settings["API_SPORTS_BASE_URL"] = self._environ.get("API_SPORTS_BASE_URL", "https://{host}.api-sports.io")
        return settings

    def discord(self, port: int, http_port: int) -> Settings:
        """The Discord simulator, or the real one when ``DISCORD_API_BASE_URL`` says where."""
        names = ("DISCORD_API_BASE_URL", "DISCORD_PUBLIC_KEY", "DISCORD_APPLICATION_ID", "DISCORD_BOT_TOKEN")
        given = {name: self._environ[name] for name in names if self._environ.get(name)}
        if "DISCORD_API_BASE_URL" in given:
            missing = [name for name in names if name not in given]
            if missing:
                raise ServerError(f"DISCORD_API_BASE_URL is set, so {', '.join(missing)} must be set too")
            return given
        here = f"http://127.0.0.1:{http_port}/discord"
        command = ["local.discord_simulator", "--port", str(port), "--endpoint", f"{here}/interactions"]
        for name in ("Premium", "Platinum"):
            sku_id = self._environ.get(f"DISCORD_SKU_{name.upper()}")
            command += ["--sku", f"{sku_id}={name}"] if sku_id else []
        self._child(
            "simulator", (*command, "--events", f"{here}/events"), {}, lambda: answers(port, "/sim/application")
        )
        application = ask(f"http://127.0.0.1:{port}/sim/application")
        own = {
            "DISCORD_API_BASE_URL": f"http://127.0.0.1:{port}/api/v10",
            "DISCORD_CDN_BASE_URL": f"http://127.0.0.1:{port}/cdn",
            "DISCORD_PUBLIC_KEY": application["public_key"],
            "DISCORD_APPLICATION_ID": application["application_id"],
            "DISCORD_BOT_TOKEN": application["bot_token"],
        }
        return own | given

    def cloud(self, http_port: int, settings: Settings) -> Settings:
        """The local cloud; it passes what is not Lambda on to moto or to ``AWS_ENDPOINT_URL``."""
        own = {"WEBHOOK_LOOPBACK": "true", "PUBLIC_URL": f"http://127.0.0.1:{http_port}"}
        settings = {**{name: self._environ.get(name, usual) for name, usual in own.items()}, **settings}
        port = free_port()
        command = ("local.cloud", "--http-port", str(http_port), "--endpoint-port", str(port), "--state", str(CLOUD))
        self._child("cloud", command, settings, lambda: answers(http_port, "/health", statuses=(200, 503)))
        if not self._environ.get("AWS_ENDPOINT_URL"):
            answers(port, "/moto-api/")  # starts with its first request: let that be ours, not a person's
        return {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "DBSBM_CLOCK_FILE": str(CLOCK)}

    def _child(self, name: str, module: Sequence[str], settings: Settings, ready: Callable[[], bool]) -> None:
        environment = {**os.environ, "DBSBM_CLOCK_FILE": str(CLOCK), **settings}
        child = Child(name, [sys.executable, "-m", *module], environment, LOGS / f"{name}.log")
        self._stack.callback(child.stop)
        child.start(ready)
        self.children.append(child)
        self.groups[name] = child.pid


def reset_clock(file: Path = CLOCK) -> datetime:
    """Let the local cloud's time be the machine's, whatever an earlier replay did; return it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("0.0")
    return datetime.now(UTC)


def ask(url: str, method: str = "GET", body: bytes = b"") -> Any:
    """A JSON answer of one of our own servers.

    Raises
    ------
    ServerError
        When it is not 2xx.
    """
    answer = PooledTransport()(HttpRequest(method, url, {"content-type": "application/json"}, body))
    if not 200 <= answer.status < 300:
        raise ServerError(f"{method} {url} answered {answer.status}: {answer.body[:300]!r}")
    return json.loads(answer.body)

"""A whole local cloud of its own for a load, and the communities that make it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from bench._signed import KEY
from dbsbm.core.aws import Account, Credentials
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.flag_store import FlagStore
from dbsbm.core.flags import TIERS, RateLimits
from dbsbm.core.ids import EPOCH_MS
from dbsbm.core.transport import PooledTransport
from dbsbm.database.connection import connect_from_url
from local.cloud.execution import ACCESS_KEY, REGION, SECRET_KEY, SESSION_TOKEN, Names
from local.run.parts import ask
from local.servers import ROOT, free_port

READY_WITHIN_S = 180.0
USERS, CAPPERS, GUILDS = 10_000, 1_500, 20
"""Discord takes 30 slips a minute in one channel: that many people are no single community."""
CAPPER_ROLE, ADMIN_ROLE = 8001, 8002
_FIRST_USER = 500_000
_RIGHTS = (1 << 10) | (1 << 11) | (1 << 15) | (1 << 16) | (1 << 29)
Json = dict[str, Any]


class Guild(NamedTuple):
    """Where Discord has it."""

    guild_id: str
    channel_id: str


@dataclass
class Community:
    """Builds what Discord would send of its people, who belong to one guild each. Ids of interactions rise."""

    guilds: Sequence[Guild]
    application_id: str
    chance: Random
    picks: list[str] = field(default_factory=list)
    bets: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """What was posted, by guild."""
    _sent: int = 0
    _turns: list[int] = field(default_factory=list)

    def anybody(self) -> int:
        """Everybody has a turn before anybody has two."""
        if not self._turns:
            self.begin_turns()
        return self._turns.pop()

    def begin_turns(self) -> None:
        """From now on everybody comes anew, in another order."""
        self._turns = [_FIRST_USER + number for number in self.chance.sample(range(USERS), USERS)]

    def guild_of(self, user: int) -> Guild:
        return self.guilds[user % len(self.guilds)]

    def is_capper(self, user: int) -> bool:
        return _FIRST_USER <= user < _FIRST_USER + CAPPERS

    def command(self, user: int, path: str, *options: Json, kind: int = 2, resolved: Json | None = None) -> Json:
        first, *below = path.split(" ")
        values = list(options)
        for name in reversed(below):
            values = [{"type": 1, "name": name, "options": values}]
        data = {"id": "1", "name": first, "type": 1, "options": values, "resolved": resolved or {}}
        return self._interaction(user, kind, data)

    def click(self, user: int, pressed: str) -> Json:
        return self._interaction(user, 3, {"custom_id": pressed, "component_type": 2})

    def setup(self, guild: Guild) -> Json:
        """By one of the guild's own people, who may manage it."""
        owner = _FIRST_USER + self.guilds.index(guild)
        channel = {"id": guild.channel_id, "type": 0, "app_permissions": str(_RIGHTS)}
        options = (
            {"name": "slip_channel", "type": 7, "value": guild.channel_id},
            {"name": "capper_role", "type": 8, "value": str(CAPPER_ROLE)},
            {"name": "admin_role", "type": 8, "value": str(ADMIN_ROLE)},
        )
        asked = self.command(owner, "setup", *options, resolved={"channels": {guild.channel_id: channel}})
        asked["member"]["permissions"] = str(1 << 5)
        return asked

    def _interaction(self, user: int, kind: int, data: Json) -> Json:
        self._sent += 1
        person = {"id": str(user), "username": f"user{user}", "global_name": None, "avatar": None}
        guild, roles = self.guild_of(user), [str(CAPPER_ROLE)] if self.is_capper(user) else []
        member = {"user": person, "nick": None, "roles": roles, "permissions": "0"}
        return {
            "id": str((int(time.time() * 1000) - EPOCH_MS) << 22 | self._sent % (1 << 22)),
            "application_id": self.application_id,
            "type": kind,
            "token": f"load-{self._sent}",
            "version": 1,
            "guild_id": guild.guild_id,
            "channel_id": guild.channel_id,
            "locale": "en-US",
            "member": member,
            "data": data,
            **({"message": {"id": "7003", "flags": 64}} if kind == 3 else {}),
        }


@dataclass(frozen=True)
class World:
    """Where it answers, its folder, and the process that all of its come from."""

    url: str
    directory: Path
    settings: Mapping[str, str]
    pid: int
    community: Community

    def rows(self, sql: str) -> list[Json]:
        connection = connect_from_url(self.settings["DATABASE_URL"])
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())


@contextmanager
def opened() -> Iterator[World]:
    """``./dev up`` in a folder of its own, with the bench as Discord; stopped with the block."""
    with tempfile.TemporaryDirectory(prefix="dbsbm-load-") as name:
        directory = Path(name)
        port, simulator = free_port(), free_port()
        environ = os.environ | {
            "DBSBM_LOCAL_DIR": name,
            "DBSBM_HTTP_PORT": str(port),
            "DBSBM_DISCORD_PORT": str(simulator),
            "DISCORD_PUBLIC_KEY": KEY.hex(),
        }
        with (directory / "up.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "local.run", "up"], cwd=ROOT, env=environ, stdout=log, stderr=log
            )
        try:
            state = _ready(process, directory)
            _make_room(state["settings"])
            community = _peopled(state["settings"], simulator)
            yield World(f"http://127.0.0.1:{port}", directory, state["settings"], process.pid, community)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def _ready(process: subprocess.Popen[bytes], directory: Path) -> Json:
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until and process.poll() is None:
        file = directory / "state.json"
        state: Json = json.loads(file.read_text()) if file.exists() else {}
        if state.get("ready"):
            return state
        time.sleep(0.2)
    raise RuntimeError((directory / "up.log").read_text()[-2000:])


def _make_room(settings: Mapping[str, str]) -> None:
    """Limits that are counted as ever but met by nobody: one community here does what thousands do."""
    account = Account(REGION, Credentials(ACCESS_KEY, SECRET_KEY, SESSION_TOKEN), {"": settings["AWS_ENDPOINT_URL"]})
    store = FlagStore(Bucket(Aws(PooledTransport(), account), Names().of("flags")))
    most = dict.fromkeys(TIERS, 1_000_000)
    before = store.current()
    wide = replace(before, limits=RateLimits(person=most, guild=most, typing=1_000_000, address=1_000_000))
    store.publish(before, before.following(wide, datetime.now(UTC), "bench", "load"))


def _peopled(settings: Mapping[str, str], simulator: int) -> Community:
    """Guilds that Discord knows, and their cappers."""
    guilds = []
    for number in range(GUILDS):
        seed = {
            "guild": f"Load {number}",
            "channels": [{"name": "slips"}],
            "users": [{"name": f"olga{number}", "role": "admin"}],
        }
        made = ask(f"http://127.0.0.1:{simulator}/sim/seed", "POST", json.dumps(seed).encode())
        guilds.append(Guild(str(made["guild_id"]), str(made["channels"]["slips"])))
    community = Community(guilds, settings["DISCORD_APPLICATION_ID"], Random(11))
    connection = connect_from_url(settings["DATABASE_URL"])
    with connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO cappers (guild_id, user_id, display_name, avatar_url, added_by, added_at) "
            "VALUES (%s, %s, %s, 'https://a.example/a.png', 1, %s)",
            [
                (community.guild_of(user).guild_id, user, f"Capper {user}", datetime.now(UTC))
                for user in range(_FIRST_USER, _FIRST_USER + CAPPERS)
            ],
        )
        connection.commit()
    return community

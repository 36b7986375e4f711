"""What may go wrong between any two steps, drawn from a seed: kills, the network, Discord, the database."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any, get_args

import pymysql
import pytest

from dbsbm.core.http import HttpRequest, HttpResponse, TransportError
from dbsbm.database import connection as database_connection
from local.cloud import Faults
from local.cloud.faults import Hop, When
from tests.e2e.world import World

DEADLOCK, LOST = 1213, 2013
_FURTHEST = 45
"""Statements, commits and calls of one post or grade with its delivery (tests/e2e/test_kills.py)."""


@dataclass
class Trouble:
    """Strikes once, at the ``at``-th request to Discord or statement from now on."""

    kind: str
    at: int

    def due(self, kinds: set[str]) -> bool:
        if self.kind not in kinds:
            return False
        self.at -= 1
        return self.at == 0


class Troubles:
    """The troubles of one run; ``told`` says what was armed, for a failing seed's report."""

    def __init__(self, world: World, random: Random) -> None:
        self._world = world
        self._random = random
        self._armed = Trouble("none", 0)
        self.told: list[str] = []

    def arm(self) -> None:
        """Draw the next trouble and arm it."""
        draw = self._random.choice(("none", "kill", "kill", "hop", "hop", "discord", "discord", "database", "database"))
        faults, self._armed = Faults(), Trouble("none", 0)
        if draw == "kill":
            when: When = self._random.choice(get_args(When))
            number = self._random.randint(1, _FURTHEST)
            faults = Faults.kill(crossing=number, when=when)
            draw = f"killed {when} crossing {number}"
        elif draw == "hop":
            faults, draw = self._on_a_hop()
        elif draw != "none":
            kinds = sorted(_ON_DISCORD if draw == "discord" else _IN_DATABASE)
            furthest = 4 if draw == "discord" else _FURTHEST
            self._armed = Trouble(self._random.choice(kinds), self._random.randint(1, furthest))
            draw = f"{self._armed.kind} at {self._armed.at}"
        self.told.append(draw)
        self._world.cloud.arm(faults)

    def calm(self) -> None:
        self._armed = Trouble("none", 0)
        self._world.cloud.arm(Faults())

    def _on_a_hop(self) -> tuple[Faults, str]:
        hop: Hop = self._random.choice(get_args(Hop))
        nth = self._random.randint(1, 3)
        action = self._random.choice(("drop", "duplicate", "delay"))
        if action == "drop":
            return Faults.drop(hop, nth), f"{hop} {nth} dropped"
        if action == "duplicate":
            return Faults.duplicate(hop, nth), f"{hop} {nth} duplicated"
        seconds = self._random.choice((0.5, 2.5, 8.0))
        return Faults.delay(hop, seconds, nth), f"{hop} {nth} delayed {seconds} s"

    def discord(self, request: HttpRequest, answer: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
        """Discord's REST API, on a bad day."""
        if not self._armed.due(_ON_DISCORD):
            return answer(request)
        kind = self._armed.kind
        if kind.endswith("after it was done"):
            answer(request)
        if kind.startswith("no answer"):
            self._world.clock.sleep(request.timeout_s)
            raise TransportError("timed out", sent=True)
        if kind == "429":
            body = {"message": "You are being rate limited.", "retry_after": 1.5, "global": False}
            return HttpResponse(
                429, {"content-type": "application/json", "retry-after": "2"}, json.dumps(body).encode()
            )
        return HttpResponse(502, {"content-type": "text/html"}, b"<html>Bad Gateway</html>")

    def connected(self, connection: Any) -> Any:
        """A connection whose statements and commits may fail as a server makes them fail."""
        plain_query, plain_commit = connection.query, connection.commit

        def query(sql: str | bytes, unbuffered: bool = False) -> int:
            if self._armed.due(_IN_DATABASE - {_LOST_COMMIT}):
                if self._armed.kind == _DEADLOCKED:
                    plain_query("ROLLBACK")
                    raise pymysql.err.OperationalError(DEADLOCK, "Deadlock found when trying to get lock")
                connection._force_close()
                raise pymysql.err.OperationalError(LOST, "Lost connection to server during query")
            return int(plain_query(sql, unbuffered))

        def commit() -> None:
            plain_commit()
            if self._armed.kind == _LOST_COMMIT and self._armed.at > 0:
                self._armed.at = 0
                connection._force_close()
                raise pymysql.err.OperationalError(LOST, "Lost connection to server during query")

        connection.query, connection.commit = query, commit
        return connection


_DEADLOCKED, _LOST_COMMIT = "deadlock", "connection lost after the commit"
_ON_DISCORD = {"429", "502", "502 after it was done", "no answer", "no answer after it was done"}
_IN_DATABASE = {_DEADLOCKED, _LOST_COMMIT, "connection lost"}


@contextmanager
def troubled(world: World, random: Random, patch: pytest.MonkeyPatch) -> Iterator[Troubles]:
    """Stand between the functions and both Discord and the database."""
    troubles = Troubles(world, random)
    plain_handle, plain_connect = world.simulator.handle, database_connection.connect_from_url
    with patch.context() as patched:
        patched.setattr(world.simulator, "handle", lambda request: troubles.discord(request, plain_handle))
        patched.setattr(
            database_connection, "connect_from_url", lambda *given: troubles.connected(plain_connect(*given))
        )
        yield troubles

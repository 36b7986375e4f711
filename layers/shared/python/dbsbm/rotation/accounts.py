"""Passwords of the database: two accounts take turns, so that the one before holds until the next change.

The secret is ``{"username", "password", "host", "port", "dbname"}``, as AWS's own rotators write it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pymysql

from dbsbm.accounts.model import REPORTERS, Account, Rights
from dbsbm.accounts.repository import AccountRepository
from dbsbm.accounts.service import Connect, establish, signed_in
from dbsbm.core.clock import Clock
from dbsbm.core.errors import DatabaseUnavailableError
from dbsbm.database.database import Database
from dbsbm.rotation.errors import RotationError, UnhealthyError

_PASSWORD_BYTES = 30


@dataclass(frozen=True, slots=True)
class TakingTurns:
    """``master_url`` signs in as who may change accounts; it is asked for when needed."""

    connect: Connect
    clock: Clock
    master_url: Callable[[], str]
    server_url: str
    random: Callable[[int], bytes]

    def following(self, current: str | None) -> str:
        """The other account, with a new password, at the server that the function knows."""
        before = _opened(current) if current else {}
        other = REPORTERS[1] if before.get("username") == REPORTERS[0] else REPORTERS[0]
        password = base64.urlsafe_b64encode(self.random(_PASSWORD_BYTES)).decode()
        return json.dumps({"username": other, "password": password, "engine": "mariadb", **self._server()})

    def establish(self, pending: str, current: str | None) -> None:
        """Give the other account its password and its rights. The one in use is left alone."""
        wanted = self._checked(pending)
        if current and _opened(current).get("username") == wanted["username"]:
            raise RotationError("the pending account is the one in use: its password would change under its readers")
        with closing(Database(lambda: self.connect(self.master_url()), self.clock)) as database:
            establish(database, Account(wanted["username"], Rights.REPORTING, wanted["password"]))

    def test(self, pending: str, current: str | None) -> None:  # noqa: ARG002 — signing in needs no other
        """Sign in as the other account."""
        wanted = self._checked(pending)
        url = signed_in(self.server_url, wanted["username"], wanted["password"])
        with closing(Database(lambda: self.connect(url), self.clock)) as database:
            try:
                with database.read() as session:
                    who = AccountRepository(session).who()
            except (DatabaseUnavailableError, pymysql.err.OperationalError) as error:
                raise UnhealthyError("the pending account does not sign in") from error
        if who != wanted["username"]:
            raise UnhealthyError("the pending account signs in as somebody else")

    def _checked(self, pending: str) -> Mapping[str, Any]:
        """A changed host would send the master's password elsewhere."""
        wanted = _opened(pending)
        if {name: wanted.get(name) for name in self._server()} != self._server():
            raise RotationError("the pending value names another server")
        if wanted.get("username") not in REPORTERS:
            raise RotationError("the pending value names another account")
        return wanted

    def _server(self) -> dict[str, Any]:
        parts = urlsplit(self.server_url)
        return {"host": parts.hostname, "port": parts.port or 3306, "dbname": parts.path.strip("/")}


def _opened(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}

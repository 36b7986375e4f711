"""``./dev backup``, ``./dev restore``, ``./dev drill``: backups of what runs here, or of the stage that variables name.

Unlike ``job_backup`` they have all the time they need.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from dbsbm.backup import nightly, restore
from dbsbm.backup.model import BackupError, Manifest
from dbsbm.backup.recovery import Recovered, recover, recover_guild
from dbsbm.backup.repository import TableRepository
from dbsbm.backup.store import Store
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.errors import DbsbmError
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from dbsbm.environment import Environment
from dbsbm.health.service import look
from dbsbm.keys.ring import Shredder
from dbsbm.privacy.erasure.ledger import Erased, Ledger
from dbsbm.wiring import build
from local.cloud.execution import ACCESS_KEY, SECRET_KEY, Names
from local.run.state import read
from local.servers import THROWAWAY, MariaDB, ServerError


def run(arguments: argparse.Namespace) -> int:
    settings = settings_of(os.environ)
    environment = build(settings)
    try:
        if arguments.command == "backup":
            return _backup(environment, arguments)
        if arguments.command == "drill":
            return _drill(settings, nightly.store_of(environment))
        return (
            list_backups(environment, arguments.guild)
            if arguments.list
            else bring_back(environment, settings, arguments)
        )
    except DbsbmError as error:
        raise ServerError(f"{error.code}: {error.detail}") from error
    finally:
        environment.database.close()


def settings_of(environ: Mapping[str, str]) -> dict[str, str]:
    """Those of what runs here, and over them the variables given.

    Raises
    ------
    ServerError
        When there is neither.
    """
    state, names = read(), Names()
    settings = {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "BACKUP_BUCKET": names.of("backups"),
        "BACKUP_KEY_ID": f"alias/{names.of('backups')}",
        "ERASURE_BUCKET": names.of("erasures"),
        "KEYRING_BUCKET": names.of("keyring"),
        "TOKEN_KEY_SECRET": names.of("token-key"),
        "INDEX_KEY_SECRET": names.of("index-key"),
        **(state.settings if state else {}),
        **environ,
    }
    if not settings.get("DATABASE_URL"):
        raise ServerError("nothing runs here: ./dev up first, or name the stage with DATABASE_URL, BACKUP_BUCKET, …")
    return settings


def _backup(environment: Environment, arguments: argparse.Namespace) -> int:
    began = time.perf_counter()
    made = nightly.back_up(environment, full=arguments.full, guild_id=arguments.guild, has_time=lambda: True)
    print(f"{shown(made)}; {time.perf_counter() - began:.1f} s")
    return 0


def shown(manifest: Manifest) -> str:
    """One line for people."""
    what = f"community {manifest.guild}" if manifest.guild else manifest.kind
    added = f"{manifest.written / 1e6:.2f} MB added"
    return f"{manifest.backup}  {what:<10} {manifest.rows:>12,} rows  {added}  schema {manifest.schema_version}"


def list_backups(environment: Environment, guild_id: int) -> int:
    """Every backup that a community can come back from, or any, each proven; 1 when one is not what was written."""
    store, wrong = nightly.store_of(environment), 0
    guilds = (0, guild_id) if guild_id else (0, *store.guilds())
    for guild, name in ((each, name) for each in guilds for name in store.names(each)):
        try:
            manifest = store.manifest(name, guild)
            restore.verify(store, manifest)
        except BackupError as error:
            wrong += 1
            print(f"{name}  WRONG: {error.detail}")
            continue
        proven = "restored and compared" if store.notes(name).get("whole") else "every run opens"
        print(f"{shown(manifest)}  {proven}")
    return 1 if wrong else 0


def bring_back(environment: Environment, settings: Mapping[str, str], arguments: argparse.Namespace) -> int:
    """One community in the database in use, or everything into an empty schema.

    Raises
    ------
    ServerError
        When it is not said which.
    """
    if bool(arguments.guild) == bool(arguments.into):
        raise ServerError("say what: --guild ID in the database in use, or everything --into an empty schema")
    store = nightly.store_of(environment)
    until = moment(arguments.at) if arguments.at else environment.clock.now()
    manifest = store.of_guild(until, arguments.guild) if arguments.guild else store.at(until)
    print(shown(manifest))
    if arguments.guild:
        came = recover_guild(environment, store, manifest, arguments.guild, ledger_of(environment))
        print(f"{came.restored.rows:,} rows of community {arguments.guild} are back")
        print(f"{came.erased} people in it who were erased since are erased again")
        return _told(came)
    there = build({**settings, "DATABASE_URL": arguments.into})
    try:
        make_schema(there, arguments.into)
        came = recover(there, store, manifest, ledger_of(there), shredder_of(there))
    finally:
        there.database.close()
    print(f"{came.restored.rows:,} rows are back and compared, {came.erased} people erased again: ready")
    return _told(came)


def _told(came: Recovered) -> int:
    """What a person has to look after."""
    for request in came.held:
        begins = f"{request.begins_at:%Y-%m-%d %H:%M} UTC"
        print(f"request {request.request_id} of {request.user_id} waited: it begins {begins}")
    if came.held:
        print("any of them may have been taken back since the backup; /privacy status takes it back once more")
    if came.gap is not None:
        raise came.gap
    return 0


def moment(text: str) -> datetime:
    """A time; a bare day is its end. Without a zone it is UTC."""
    try:
        given = datetime.fromisoformat(text)
    except ValueError as error:
        raise ServerError(f"--at {text}: write 2026-11-20 or 2026-11-20T15:00") from error
    given = given if given.tzinfo else given.replace(tzinfo=UTC)
    return given + timedelta(days=1, seconds=-1) if len(text) == len("2026-11-20") else given


def make_schema(environment: Environment, url: str) -> None:
    """The schema of an address, where there is none."""
    parts = urlsplit(url)
    beside = urlunsplit(parts._replace(path="/information_schema"))
    database = Database(lambda: connect_from_url(beside), environment.clock)
    with database.read() as session:
        TableRepository(session).schema_if_missing(parts.path.strip("/"))
    database.close()


def ledger_of(environment: Environment) -> Ledger:
    aws = Aws(environment.transport, environment.account())
    return Ledger(Bucket(aws, environment.settings.erasure_bucket))


def shredder_of(environment: Environment) -> Shredder:
    aws = Aws(environment.transport, environment.account())
    return Shredder(Bucket(aws, environment.settings.keyring_bucket))


class Spared(Shredder):
    """The keyring as a rehearsal sees it: what it destroys is gone for it alone."""

    def __init__(self, bucket: Bucket) -> None:
        super().__init__(bucket)
        self._gone = set[bytes]()

    def remove(self, kid: bytes) -> int:
        """Nothing is removed: the key may be a living person's."""
        self._gone.add(kid)
        return 0

    def is_gone(self, kid: bytes) -> bool:
        return kid in self._gone or super().is_gone(kid)


class Rehearsed(Ledger):
    """Erasures as they are noted; that they were rehearsed is not."""

    def add(self, erased: Erased) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class Drilled:
    """How a rehearsal went; ``seconds`` from the empty server to the last erasure."""

    recovered: Recovered
    status: str
    seconds: float


def _drill(settings: Mapping[str, str], store: Store) -> int:
    environment = build(settings)
    manifest = store.at(environment.clock.now())
    print(shown(manifest))
    with tempfile.TemporaryDirectory() as directory, MariaDB(Path(directory), extra=THROWAWAY) as server:
        url = server.url("dbsbm")
        there = build({**settings, "DATABASE_URL": url}, invoke=nobody)
        drilled = drill(there, store, manifest)
        there.database.close()
    came = drilled.recovered
    print(f"{came.restored.rows:,} rows back and compared, {came.erased} people erased again, {drilled.seconds:.1f} s")
    print(f"health: {drilled.status}")
    _told(came)
    return 0 if drilled.status != "down" else 1


def drill(there: Environment, store: Store, manifest: Manifest) -> Drilled:
    """Restore into the new server that ``there`` is built on, erase again, look at the health of what came."""
    began = time.perf_counter()
    make_schema(there, there.settings.database_url.get_secret_value())
    aws = Aws(there.transport, there.account())
    ledger = Rehearsed(Bucket(aws, there.settings.erasure_bucket))
    came = recover(there, store, manifest, ledger, Spared(Bucket(aws, there.settings.keyring_bucket)))
    seconds = time.perf_counter() - began
    return Drilled(came, look(there).status, seconds)


def nobody(function: str, payload: dict[str, Any], *, asynchronous: bool, timeout_s: float) -> None:
    """Nobody is told of what is only rehearsed."""

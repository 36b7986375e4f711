"""Dump and restore rates of a million bets, beside ``mariadb-dump`` on the same rows in the same run.

The bucket is a dictionary: neither its network nor a laptop's disk is in the figures. CPU seconds are of this process
alone; the server's own stand in the wall time.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from bench._million import fill
from dbsbm.backup import dump, restore
from dbsbm.backup.store import Store
from dbsbm.core.aws import Account, Credentials
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.clock import SystemClock
from dbsbm.core.http import HttpRequest, HttpResponse
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from local.servers import MariaDB
from tests.integration.stage import open_stage
from tests.schemas import Schemas

T = TypeVar("T")
DUMPED = 1_000_000


def figures(server: MariaDB, directory: Path, bets: int) -> dict[str, Any]:
    """Times and sizes, by what they are of."""
    schemas = Schemas(server.url())
    with schemas.migrated() as url, schemas.migrated() as empty, schemas.blank() as plain:
        fill(open_stage(url), bets)
        database = Database(lambda: connect_from_url(url), SystemClock())
        into = Database(lambda: connect_from_url(empty, loads=True), SystemClock())
        store = memory_store()
        made, dumped = _timed(lambda: dump.back_up(database, store, dump.Order(datetime.now(UTC))))
        time.sleep(1)  # backups are named by the second
        again, named = _timed(lambda: dump.back_up(database, store, dump.Order(datetime.now(UTC), made)))
        _, proven = _timed(lambda: restore.verify(store, again))
        came, restored = _timed(lambda: restore.restore(store, again, into, empty))
        database.close()
        into.close()
        found = {
            "backup: bets and rows": f"{bets:,} and {came.rows:,}",
            "backup: dumped": f"{dumped}, {made.written / 1e6:.0f} MB sealed, {came.rows / dumped.wall_s:,.0f} rows/s",
            "backup: the night after, nothing changed": f"{named}, {again.written} bytes sealed",
            "backup: every run opened and counted": str(proven),
            "backup: opened, loaded, read back, compared": f"{restored}, {came.rows / restored.wall_s:,.0f} rows/s",
            "backup: memory of this process at its highest": f"{_high_mb():.0f} MB",
        }
        return found | _beside(server, directory, url, plain)


class _Took:
    def __init__(self, wall_s: float, cpu_s: float) -> None:
        self.wall_s, self.cpu_s = wall_s, cpu_s

    def __str__(self) -> str:
        return f"{self.wall_s:.1f} s ({self.cpu_s:.1f} s of CPU here)"


def _timed(work: Callable[[], T]) -> tuple[T, _Took]:
    began, used = time.perf_counter(), time.process_time()
    result = work()
    return result, _Took(time.perf_counter() - began, time.process_time() - used)


def _high_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _beside(server: MariaDB, directory: Path, url: str, plain: str) -> dict[str, Any]:
    """The same rows with the server's own programs, to a file and back; nothing is compared."""
    program, client = os.environ.get("DBSBM_MARIADB_DUMP") or shutil.which("mariadb-dump"), shutil.which("mariadb")
    if program is None or client is None:
        return {"mariadb-dump": "not installed (Debian: mariadb-client)"}
    where = ["--no-defaults", "--host=127.0.0.1", f"--port={server.port}", "--user=root", "--skip-ssl"]
    file = directory / "plain.sql"
    with file.open("wb") as out:
        command = [program, *where, "--single-transaction", "--quick", _schema(url)]
        _, dumped = _timed(lambda: subprocess.run(command, stdout=out, check=True))
    with file.open("rb") as sql:
        _, loaded = _timed(lambda: subprocess.run([client, *where, _schema(plain)], stdin=sql, check=True))
    size = file.stat().st_size / 1e6
    return {
        "mariadb-dump": f"{dumped.wall_s:.1f} s, {size:.0f} MB plain; back in {loaded.wall_s:.1f} s, nothing compared"
    }


def _schema(url: str) -> str:
    return urlsplit(url).path.strip("/")


def memory_store() -> Store:
    """Backups in a dictionary."""
    aws = Aws(_Memory(), Account("us-east-1", Credentials("key", "secret"), {"": "http://127.0.0.1"}))
    return Store(Bucket(aws, "backups"), _OneKey())


class _OneKey:
    def made(self, backup: str) -> tuple[bytes, str]:
        return backup.ljust(32).encode()[:32], backup

    def opened(self, _backup: str, wrapped: str) -> bytes:
        return wrapped.ljust(32).encode()[:32]


class _Memory:
    """As much of S3 as a backup asks for; the parts of an object stay apart, as they came."""

    def __init__(self) -> None:
        self._objects: dict[str, bytes] = {}
        self._parts: dict[str, list[bytes]] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        url = urlsplit(request.url)
        asked, key = parse_qs(url.query, keep_blank_values=True), url.path
        if request.method == "POST" and "uploads" in asked:
            self._parts[key] = []
            return HttpResponse(200, {}, b"<UploadId>1</UploadId>")
        if request.method == "POST":
            self._objects[key] = b"".join(self._parts.pop(key))
            return HttpResponse(200)
        if request.method == "PUT" and "uploadId" in asked:
            self._parts[key].append(request.body)
            return HttpResponse(200, {"etag": "1"})
        if request.method == "PUT":
            self._objects[key] = request.body
            return HttpResponse(200)
        return self._read(key, request.headers.get("range", ""))

    def _read(self, key: str, span: str) -> HttpResponse:
        if key not in self._objects:
            return HttpResponse(404)
        if not span:
            return HttpResponse(200, {}, self._objects[key])
        first, last = (int(each) for each in span.removeprefix("bytes=").split("-"))
        return HttpResponse(206, {}, self._objects[key][first : last + 1])

"""A backup and its restore in a process of their own, which is refused memory beyond ``LIMIT_MB``.

The bucket is a folder. What is printed is one JSON object: what each step cost, and the most memory that was resident.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from bench._cost import Cost, measured
from dbsbm.backup import dump, restore
from dbsbm.backup.recovery import AT_ONCE
from dbsbm.backup.store import Store
from dbsbm.core import upload
from dbsbm.core.aws import Account, Credentials
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.clock import SystemClock
from dbsbm.core.http import HttpRequest, HttpResponse
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database

T = TypeVar("T")
LIMIT_MB = 256
"""What a backup may hold of memory, whatever the size of what it is of."""


def costs_in_a_process(url: str, empty: str, folder: Path, server_pid: int, share: int = 1) -> dict[str, Any]:
    """Back ``url`` up into ``folder`` and bring it back into ``empty``, in a process of their own.

    Runs and parts are ``share`` times smaller than the product's: then a few megabytes are as many of them.

    Raises
    ------
    subprocess.CalledProcessError
        When the limit was not enough, or anything else went wrong there.
    """
    command = [sys.executable, "-m", "bench._bounded", url, empty, str(folder), str(server_pid), str(share)]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    said = subprocess.run(command, stdout=subprocess.PIPE, env=environ, text=True, check=True).stdout
    found: dict[str, Any] = json.loads(said)
    return found


def main() -> None:
    url, empty, folder, server_pid, share = sys.argv[1:6]
    dump.RUN_BYTES //= int(share)
    upload.PART_BYTES //= int(share)
    limit = LIMIT_MB * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    store, costs = folder_store(Path(folder)), dict[str, Cost]()

    def timed(name: str, work: Callable[[], T]) -> T:
        result, costs[name] = measured(int(server_pid), work)
        print(f"{name}: {costs[name]}", file=sys.stderr, flush=True)
        return result

    database = Database(lambda: connect_from_url(url), SystemClock())
    into = [Database(lambda: connect_from_url(empty, loads=True), SystemClock()) for _ in range(AT_ONCE)]
    at = datetime.now(UTC)
    made = timed("dumped", lambda: dump.back_up(database, store, dump.Order(at)))
    night = replace(dump.Order(at), at=at + timedelta(seconds=1), base=made)  # backups are named by the second
    again = timed("named", lambda: dump.back_up(database, store, night))
    held_mb = {"dumped": high_mb()}
    timed("proven", lambda: restore.verify(store, again))
    came = timed("restored", lambda: restore.restore(store, again, into, empty))
    held_mb["restored"] = high_mb()
    for each in (database, *into):
        each.close()
    sizes = {"rows": came.rows, "sealed": made.written, "sealed_again": again.written}
    print(json.dumps({"costs": costs, "high_mb": held_mb, **sizes}))


def high_mb() -> float:
    """The most that was ever resident of this program; Linux says it of the program alone, others of all before it."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def folder_store(folder: Path) -> Store:
    """Backups in a folder."""
    aws = Aws(_Folder(folder), Account("us-east-1", Credentials("key", "secret"), {"": "http://127.0.0.1"}))
    return Store(Bucket(aws, "backups"), _OneKey())


class _OneKey:
    def made(self, backup: str) -> tuple[bytes, str]:
        return backup.ljust(32).encode()[:32], backup

    def opened(self, _backup: str, wrapped: str) -> bytes:
        return wrapped.ljust(32).encode()[:32]


class _Folder:
    """As much of S3 as a backup asks for; the parts of an object come one after another."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, request: HttpRequest) -> HttpResponse:
        url = urlsplit(request.url)
        asked, file = parse_qs(url.query, keep_blank_values=True), self._folder / url.path.strip("/").replace("/", "-")
        if request.method == "POST" and "uploads" in asked:
            file.write_bytes(b"")
            return HttpResponse(200, {}, b"<UploadId>1</UploadId>")
        if request.method == "POST":
            return HttpResponse(200)
        if request.method == "PUT":
            with file.open("ab" if "uploadId" in asked else "wb") as out:
                out.write(request.body)
            return HttpResponse(200, {"etag": "1"})
        return _read(file, request.headers.get("range", ""))


def _read(file: Path, span: str) -> HttpResponse:
    if not file.exists():
        return HttpResponse(404)
    if not span:
        return HttpResponse(200, {}, file.read_bytes())
    first, last = (int(each) for each in span.removeprefix("bytes=").split("-"))
    with file.open("rb") as stored:
        stored.seek(first)
        return HttpResponse(206, {}, stored.read(last - first + 1))


if __name__ == "__main__":
    main()

"""``./dev bench guardianship``: the audit log, the controls, an erasure, and backups beside ``mariadb-dump``.

Events sealed and checked a second; how long all controls take; how long it takes to erase somebody with 10,000 bets,
which is the job's own run; proofs at 10,000,000 leaves; 1,000,000 bets dumped and restored. Smaller:
``./dev bench guardianship LEAVES BETS DUMPED``. Each figure is said as soon as it is known, and all of them at the end,
also when something fails before.

Sealing is the sequencer's own run on a real database: events read, hashed, placed, tiles written, all of it laid out
for the bucket; the bucket itself is in memory, so its network is not in the figure. Neither is it in the figure of the
check, which reads two objects for every 256 leaves. The large tree is kept in memory in
the tiles that the database holds; a proof reads the same tiles from either.
"""

from __future__ import annotations

import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, TypeVar

from bench import _backups
from bench._backups import DUMPED
from bench._controls import measured
from bench._erasure import BETS, erased
from bench._results import Target, Told, summarize
from dbsbm.audit import sequencer, tree
from dbsbm.audit.check import Checked, check
from dbsbm.audit.events import Event, Kind, bet
from dbsbm.audit.repository import append
from dbsbm.audit.stored import StoredLog
from dbsbm.compliance.controls import CONTROLS
from dbsbm.core.aws import Account, Credentials
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.clock import SystemClock
from dbsbm.core.errors import InvokeError
from dbsbm.core.http import HttpRequest, HttpResponse
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from local.servers import THROWAWAY, MariaDB
from tests.schemas import Schemas

T = TypeVar("T")
EVENTS = 40_000
LEAVES = 10_000_000
SAMPLES = 500
CONTROL_RUNS = 5
PROOF_MS = 50.0
SERVER = (*THROWAWAY, "--innodb-buffer-pool-size=512M")
"""A quarter of what the smallest server of a stage has; the last of two arguments counts."""
_BATCH = 2000
_STEP = 65_536


class Sizes(NamedTuple):
    """How much of each: leaves of the large log, bets of who is erased, bets that are dumped."""

    leaves: int = LEAVES
    bets: int = BETS
    dumped: int = DUMPED


def main() -> None:
    """Measure and print. The rows are of CPU, which other work on the machine makes longer by little."""
    sizes = Sizes(*map(int, sys.argv[1:4]))
    logging.getLogger("dbsbm").setLevel(logging.ERROR)  # what is slow is seen in the figures
    _backups.ready()
    told = Told("guardianship", "ms of CPU")
    try:
        with tempfile.TemporaryDirectory() as directory:
            _has_room(Path(directory), sizes.dumped)
            _proven(told, sizes.leaves)
            with MariaDB(Path(directory), extra=SERVER) as server:
                schemas = Schemas(server.url())
                with _backups.migrated(schemas) as url:
                    _logged(told, url)
                with _backups.migrated(schemas) as url:
                    _forgotten(told, url, sizes.bets)
                _backups.figures(told, schemas, server, Path(directory), sizes.dumped)
                schemas.close()
    except BaseException as failed:
        told.note("ended early by", type(failed).__name__)
        raise
    finally:
        told.reported()


def _has_room(directory: Path, dumped: int) -> None:
    """Raises SystemExit before anything is measured: a full disk would end it late."""
    free, wanted = shutil.disk_usage(directory).free, dumped * _backups.BYTES_A_BET
    if free < wanted:
        raise SystemExit(f"{dumped:,} bets take {wanted / 1e9:.1f} GB in {directory.parent}, {free / 1e9:.1f} are free")


def _logged(told: Told, url: str) -> None:
    """Events written and sealed, all controls judged."""
    database = Database(lambda: connect_from_url(url), SystemClock())
    told.note("events written per second, in batches of 2,000", round(EVENTS / _written(database)))
    bucket = Bucket(
        Aws(_Memory(), Account("us-east-1", Credentials("key", "secret"), {"": "http://127.0.0.1"})), "audit"
    )
    told.note("leaves sealed per second", round(EVENTS / _sealed(database, bucket)))
    told.note("leaves checked per second", round(EVENTS / _checked(database, bucket)))
    judged, judged_cpu = measured(database, CONTROL_RUNS)
    database.close()
    told.row("run of all controls", summarize(judged_cpu))
    told.note(f"run of {len(CONTROLS)} controls by the wall, ms", round(summarize(judged).median))


def _forgotten(told: Told, url: str, bets: int) -> None:
    gone = erased(url, bets)
    told.note("bets of the person who is erased", bets)
    told.note("erasure, seconds", round(gone.wall_s, 2))
    told.note("erasure, seconds of this process", round(gone.cpu_s, 2))
    told.note("slips in Discord drawn anew for it", gone.drawn)
    told.note("runs of the job for it, five minutes apart", gone.runs)


def _proven(told: Told, leaves: int) -> None:
    """Proofs in the large log."""
    tiles, built_s = _large(leaves)
    told.note("leaves of the large log", leaves)
    told.note("leaves hashed into the large tree per second", round(leaves / built_s))
    inclusion, consistency = _proofs(tiles, leaves)
    told.row("inclusion proof", summarize(inclusion.cpu_ms))
    told.row("consistency proof", summarize(consistency.cpu_ms))
    proof = summarize(inclusion.wall_ms)
    told.target(Target("inclusion proof, p95", proof.p95, PROOF_MS, "ms"))
    told.note("inclusion proof by the wall, ms", f"median {proof.median:.2f}, 99 of 100 within {proof.p99:.2f}")


def _written(database: Database) -> float:
    """Seconds to append the events, each with two pseudonyms and a seal."""
    began = time.perf_counter()
    for first in range(0, EVENTS, _BATCH):
        events = [(1 + number % 50, _event(number)) for number in range(first, first + _BATCH)]
        database.run(partial(append, events=events), statement_s=20.0)
    return time.perf_counter() - began


def _event(number: int) -> Event:
    details = {"decision": 1, "action": "grade", "grade": "won", "rule": "SPREAD_COVER", "source": "auto"}
    return Event(Kind.BET_DECIDED, bet(number, 1 + number % 100), details, {"bet": str(number), "reason": "seen"})


def _sealed(database: Database, bucket: Bucket) -> float:
    """Seconds for the sequencer to take them all in and lay them out."""
    log = sequencer.Log(database, SystemClock(), bucket, "bench", _nobody)
    began = time.perf_counter()
    ran = sequencer.run(log, lambda: True)
    if ran["published"] != EVENTS:
        raise AssertionError(ran)
    return time.perf_counter() - began


def _checked(database: Database, bucket: Bucket) -> float:
    """Seconds to go through all of it; nothing is signed."""
    store = StoredLog(database, bucket, bucket, "bench", SystemClock().now())
    began = time.perf_counter()
    checked = check(store, "bench", 0, lambda: True)
    if checked != Checked(EVENTS, whole=True):
        raise AssertionError(checked)
    return time.perf_counter() - began


class _Memory:
    """A bucket that takes everything and keeps what it was given last under each name; it lists nothing."""

    def __init__(self) -> None:
        self._held: dict[str, bytes] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "PUT":
            self._held[request.url] = request.body
            return HttpResponse(200)
        if "versions=" in request.url:
            return HttpResponse(200)
        held = self._held.get(request.url)
        return HttpResponse(404) if held is None else HttpResponse(200, {}, held)


def _nobody(function: str, payload: dict[str, Any], *, asynchronous: bool, timeout_s: float) -> None:
    raise InvokeError(f"no {function} here: {payload} {asynchronous} {timeout_s}")


def _large(leaves: int) -> tuple[dict[tuple[int, int], bytes], float]:
    """A tree grown as the sequencer grows it, and how long that took."""
    tiles: dict[tuple[int, int], bytes] = {}

    def tile(level: int, number: int) -> bytes:
        return tiles.get((level, number), b"")

    began = time.perf_counter()
    for first in range(0, leaves, _STEP):
        hashes = [tree.leaf_hash(b"%d" % number) for number in range(first, min(leaves, first + _STEP))]
        tiles.update(tree.extended(tile, first, hashes))
    return tiles, time.perf_counter() - began


class Proved:
    """Milliseconds of proofs, by the wall and of this process's own time."""

    def __init__(self) -> None:
        self.wall_ms: list[float] = []
        self.cpu_ms: list[float] = []

    def timed(self, proof: Callable[[], T]) -> T:
        began, used = time.perf_counter(), time.process_time()
        found = proof()
        self.wall_ms.append((time.perf_counter() - began) * 1000)
        self.cpu_ms.append((time.process_time() - used) * 1000)
        return found


def _proofs(tiles: dict[tuple[int, int], bytes], leaves: int) -> tuple[Proved, Proved]:
    """Proofs at random places, each of which is verified."""

    def tile(level: int, number: int) -> bytes:
        return tiles.get((level, number), b"")

    random, root = Random(1), tree.root(tile, leaves)
    inclusion, consistency = Proved(), Proved()
    for _ in range(SAMPLES):
        index, old = random.randrange(leaves), random.randrange(1, leaves)
        proof = inclusion.timed(partial(tree.inclusion_proof, tile, index, leaves))
        if not tree.includes(tree.leaf_hash(b"%d" % index), index, leaves, proof, root):
            raise AssertionError(index)
        old_root = tree.root(tile, old)
        steps = consistency.timed(partial(tree.consistency_proof, tile, old, leaves))
        if not tree.consistent(old, old_root, leaves, root, steps):
            raise AssertionError(old)
    return inclusion, consistency


if __name__ == "__main__":
    main()

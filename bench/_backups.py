"""Dump and restore rates of a million bets, beside ``mariadb-dump`` on the same rows in the same run.

The bucket is a folder: no network is in the figures. CPU seconds stand beside the wall time, which other work on the
machine makes longer.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench._bounded import LIMIT_MB, costs_in_a_process
from bench._cost import Cost, measured
from bench._million import fill
from bench._results import Summary, Target, Told
from dbsbm.database.migrate import migrate
from local.run import packages
from local.servers import MariaDB
from tests.integration.stage import open_stage
from tests.schemas import Schemas

DUMPED = 1_000_000
SMALL = 8
"""The memory is measured at an eighth of the rows as well."""
RESTORE_S = 300.0
"""Of a logical restore of a million bets (SYSTEMS.md, O2)."""


BYTES_A_BET = 12_000
"""Of disk, at the most that is there at once: the rows three times, twice as files of backups."""


def ready() -> None:
    """Get what is measured beside us before anything is measured; without it there are figures less, and it is said."""
    try:
        print(f"beside us: {_dump_program()}", flush=True)
    except packages.MissingError as missing:
        print(f"mariadb-dump is not here: {missing}", flush=True)


@contextmanager
def migrated(schemas: Schemas) -> Iterator[str]:
    """A schema with every migration, dropped at the end: emptying millions of rows would take minutes."""
    with schemas.blank() as url:
        migrate(url)
        yield url


def figures(told: Told, schemas: Schemas, server: MariaDB, directory: Path, bets: int) -> None:
    """Times, sizes and memory of so many bets."""
    small = _measured(told, schemas, server, directory / "small", bets // SMALL)
    large = _measured(told, schemas, server, directory / "large", bets)
    high = {of: max(each["high_mb"].values()) for of, each in (("small", small), ("large", large))}
    told.note(
        "backup: memory at its highest, of an eighth and of all", f"{high['small']:.0f} MB and {high['large']:.0f} MB"
    )
    told.target(Target(f"memory of dump and restore of {bets:,} bets", high["large"], LIMIT_MB, "MB"))
    told.target(Target(f"restore of {bets:,} bets", Cost(*large["costs"]["restored"]).wall, RESTORE_S, "s"))


def _ours(told: Told, found: dict[str, Any]) -> None:
    costs, rows = {name: Cost(*each) for name, each in found["costs"].items()}, found["rows"]
    told.note(
        "backup: dumped", f"{costs['dumped']}; {found['sealed'] / 1e6:.1f} MB sealed, {_rate(rows, costs['dumped'])}"
    )
    told.note("backup: the night after, nothing changed", f"{costs['named']}; {found['sealed_again']} bytes sealed")
    told.note("backup: every run opened and counted", f"{costs['proven']}; {_rate(rows, costs['proven'])}")
    told.note("backup: opened, loaded, read back, compared", f"{costs['restored']}; {_rate(rows, costs['restored'])}")
    for name, cost in costs.items():
        told.row(f"10,000 rows {name}", _row(cost, rows))


def _rate(rows: int, cost: Cost) -> str:
    return f"{rows / cost.wall:,.0f} rows/s"


def _row(cost: Cost, rows: int) -> Summary:
    """One measurement: of this process and of the server, for 10,000 rows."""
    each = (cost.client + cost.server) * 1000 / rows * 10_000
    return Summary(1, each, each, each, each)


def _measured(told: Told, schemas: Schemas, server: MariaDB, directory: Path, bets: int) -> dict[str, Any]:
    """What ours needs for so many bets, and what the server's own programs need for the same; the last said stays."""
    directory.mkdir()
    with migrated(schemas) as url:
        began = time.perf_counter()
        fill(open_stage(url), bets)
        told.note("backup: bets, and seconds to make them up", f"{bets:,} in {time.perf_counter() - began:.0f} s")
        with schemas.blank() as empty:
            ours = costs_in_a_process(url, empty, directory, server.pid)
        shutil.rmtree(directory)
        told.note("backup: rows", f"{ours['rows']:,}")
        _ours(told, ours)
        with schemas.blank() as plain:
            _beside(told, server, directory.with_suffix(".sql"), url, plain)
    return ours


def _beside(told: Told, server: MariaDB, file: Path, url: str, plain: str) -> None:
    """The same rows with the server's own programs, to a file and back; nothing is compared."""
    try:
        dump, client = _dump_program(), packages.find(packages.MARIADB_CLIENT)
    except packages.MissingError as missing:
        told.note("mariadb-dump", f"not here: {missing}")
        return
    where = ["--no-defaults", "--host=127.0.0.1", f"--port={server.port}", "--user=root", "--skip-ssl"]
    with file.open("wb") as out:
        command = [dump, *where, "--single-transaction", "--quick", _schema(url)]
        _, dumped = measured(server.pid, lambda: subprocess.run(command, stdout=out, check=True))
    size = file.stat().st_size / 1e6
    told.note("mariadb-dump: to a file", f"{dumped}; {size:.1f} MB, not compressed and not sealed")
    if client is None:
        told.note("mariadb-dump: its file back", "no client to bring it back with")
        return
    with file.open("rb") as sql:
        command = [client, *where, _schema(plain)]
        _, loaded = measured(server.pid, lambda: subprocess.run(command, stdin=sql, check=True))
    told.note("mariadb-dump: its file back, nothing compared", str(loaded))
    file.unlink()


def _dump_program() -> str:
    """The program, taken out of its package the first time. Raises MissingError where it is not to be had."""
    found = os.environ.get("DBSBM_MARIADB_DUMP") or packages.find(packages.MARIADB_DUMP)
    if not found:
        packages.unpack(packages.MARIADB_DUMP)
        found = packages.find(packages.MARIADB_DUMP)
    if not found:
        raise packages.MissingError(f"{packages.MARIADB_DUMP.what} is not in its package")
    return found


def _schema(url: str) -> str:
    return urlsplit(url).path.strip("/")

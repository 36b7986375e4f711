"""Dump and restore rates of a million bets, beside ``mariadb-dump`` on the same rows in the same run.

The bucket is a folder: no network is in the figures. CPU seconds stand beside the wall time, which other work on the
machine makes longer.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from bench._bounded import LIMIT_MB, costs_in_a_process
from bench._cost import Cost, measured
from bench._million import fill
from bench._results import Summary, Target
from local.run import packages
from local.servers import MariaDB
from tests.integration.stage import open_stage
from tests.schemas import Schemas

DUMPED = 1_000_000
SMALL = 8
"""The memory is measured at an eighth of the rows as well."""
RESTORE_S = 300.0
"""Of a logical restore of a million bets (SYSTEMS.md, O2)."""


class Figures(NamedTuple):
    """Rows to be compared with, in milliseconds of CPU; words for people; what it is held against."""

    rows: dict[str, Summary]
    notes: dict[str, Any]
    targets: list[Target]


def figures(server: MariaDB, directory: Path, bets: int) -> Figures:
    """Times, sizes and memory of so many bets."""
    schemas = Schemas(server.url())
    small, _ = _measured(schemas, server, directory / "small", bets // SMALL)
    large, beside = _measured(schemas, server, directory / "large", bets)
    schemas.close()
    costs, rows = {name: Cost(*each) for name, each in large["costs"].items()}, large["rows"]
    high = {of: max(each["high_mb"].values()) for of, each in (("small", small), ("large", large))}
    notes = {
        "backup: bets and rows": f"{bets:,} and {rows:,}",
        "backup: dumped": f"{costs['dumped']}; {large['sealed'] / 1e6:.1f} MB sealed, {_rate(rows, costs['dumped'])}",
        "backup: the night after, nothing changed": f"{costs['named']}; {large['sealed_again']} bytes sealed",
        "backup: every run opened and counted": f"{costs['proven']}; {_rate(rows, costs['proven'])}",
        "backup: opened, loaded, read back, compared": f"{costs['restored']}; {_rate(rows, costs['restored'])}",
        "backup: memory at its highest, of an eighth and of all": f"{high['small']:.0f} MB and {high['large']:.0f} MB",
        **beside,
    }
    targets = [
        Target(f"memory of dump and restore of {bets:,} bets", high["large"], LIMIT_MB, "MB"),
        Target(f"restore of {bets:,} bets", costs["restored"].wall, RESTORE_S, "s"),
    ]
    return Figures({f"10,000 rows {name}": _row(cost, rows) for name, cost in costs.items()}, notes, targets)


def _rate(rows: int, cost: Cost) -> str:
    return f"{rows / cost.wall:,.0f} rows/s"


def _row(cost: Cost, rows: int) -> Summary:
    """One measurement: of this process and of the server, for 10,000 rows."""
    each = (cost.client + cost.server) * 1000 / rows * 10_000
    return Summary(1, each, each, each, each)


def _measured(schemas: Schemas, server: MariaDB, directory: Path, bets: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """What ours said of so many bets, and what the server's own programs need for the same."""
    directory.mkdir()
    with schemas.migrated() as url, schemas.blank() as empty, schemas.blank() as plain:
        fill(open_stage(url), bets)
        ours = costs_in_a_process(url, empty, directory, server.pid)
        return ours, _beside(server, directory / "plain.sql", url, plain)


def _beside(server: MariaDB, file: Path, url: str, plain: str) -> dict[str, Any]:
    """The same rows with the server's own programs, to a file and back; nothing is compared."""
    try:
        dump, client = _dump_program(), packages.find(packages.MARIADB_CLIENT)
    except packages.MissingError as missing:
        return {"mariadb-dump": f"not here: {missing}"}
    if client is None:
        return {"mariadb-dump": "no client to bring its file back with"}
    where = ["--no-defaults", "--host=127.0.0.1", f"--port={server.port}", "--user=root", "--skip-ssl"]
    with file.open("wb") as out:
        command = [dump, *where, "--single-transaction", "--quick", _schema(url)]
        _, dumped = measured(server.pid, lambda: subprocess.run(command, stdout=out, check=True))
    with file.open("rb") as sql:
        command = [client, *where, _schema(plain)]
        _, loaded = measured(server.pid, lambda: subprocess.run(command, stdin=sql, check=True))
    size = file.stat().st_size / 1e6
    file.unlink()
    return {
        "mariadb-dump: to a file": f"{dumped}; {size:.1f} MB, not compressed and not sealed",
        "mariadb-dump: its file back, nothing compared": str(loaded),
    }


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

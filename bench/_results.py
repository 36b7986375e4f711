"""How a bench shows what it measured: a table for people, ``bench/results/<name>.json`` for the record."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple

from bench._calibration import speed
from local.run import packages
from local.servers import program

RESULTS = Path(__file__).parent / "results"
RESULTS_VARIABLE = "DBSBM_BENCH_RESULTS"
"""Where results are written instead, for comparing."""


class Summary(NamedTuple):
    """Of samples in one unit."""

    n: int
    median: float
    p95: float
    p99: float
    max: float


class Target(NamedTuple):
    """``actual`` may not exceed ``limit``; both in ``unit``."""

    name: str
    actual: float
    limit: float
    unit: str

    @property
    def held(self) -> bool:
        return self.actual <= self.limit


def summarize(samples: Sequence[float]) -> Summary:
    """Median, 95th and 99th percentile and maximum of at least one sample."""
    if len(samples) == 1:
        return Summary(1, *[samples[0]] * 4)
    shares = quantiles(samples, n=100, method="inclusive")
    return Summary(len(samples), median(samples), shares[94], shares[98], max(samples))


def report(  # noqa: PLR0917 — what a result holds
    name: str,
    rows: Mapping[str, Summary],
    unit: str,
    targets: Sequence[Target] = (),
    notes: Mapping[str, Any] = {},
    cpu: Mapping[str, float] = {},
) -> None:
    """Print the table and write the file. The load average stands beside the figures: others may use the machine.

    ``cpu`` is what single figures cost in milliseconds of CPU, whoever else is at work.
    """
    load = [round(value, 2) for value in os.getloadavg()]
    beside = speed()
    width = max((len(row) for row in rows), default=10)
    print(f"{name}: load average {load}, Python {platform.python_version()}, {os.cpu_count()} CPUs")
    print(f"calibration {beside.wall_ms:.2f} ms ({beside.cpu_ms:.2f} ms of CPU)")
    print(f"{'':{width}}  {'n':>6} {'median':>9} {'p95':>9} {'p99':>9} {'max':>9}  {unit}")
    for row, summary in rows.items():
        shares = f"{summary.median:>9.2f} {summary.p95:>9.2f} {summary.p99:>9.2f} {summary.max:>9.2f}"
        print(f"{row:{width}}  {summary.n:>6} {shares}")
    for figure, value in cpu.items():
        print(f"{figure}: {value:.2f} ms")
    for target in targets:
        verdict = "held" if target.held else "MISSED"
        print(f"{target.name}: {target.actual:.2f} {target.unit}, at most {target.limit:g} {target.unit}: {verdict}")
    for note, value in notes.items():
        print(f"{note}: {value}")
    document = {
        "bench": name,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
        "load_average": load,
        "versions": {"pymysql": version("pymysql"), "mariadb": mariadb_version()},
        "calibration": {key: _short(value) for key, value in beside._asdict().items()},
        "unit": unit,
        "rows": {
            row: {key: _short(value) for key, value in summary._asdict().items()} for row, summary in rows.items()
        },
        "cpu": dict(cpu),
        "targets": [
            {"name": t.name, "actual": _short(t.actual), "limit": t.limit, "unit": t.unit, "held": t.held}
            for t in targets
        ],
        "notes": dict(notes),
    }
    results = Path(os.environ.get(RESULTS_VARIABLE) or RESULTS)
    results.mkdir(exist_ok=True)
    (results / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n")


def mariadb_version() -> str:
    """Of the server that is measured: "10.11.19-MariaDB…"."""
    said = subprocess.run([program(packages.MARIADB), "--version"], capture_output=True, text=True, check=True).stdout
    return said.partition(" Ver ")[2].split(" ")[0]


def _short(value: float) -> float:
    return round(value, 3)


class Told:
    """What a long measurement has found so far: each figure is said as soon as it is known."""

    def __init__(self, name: str, unit: str) -> None:
        self._name, self._unit = name, unit
        self._rows: dict[str, Summary] = {}
        self._targets: list[Target] = []
        self._notes: dict[str, Any] = {}

    def row(self, name: str, found: Summary) -> None:
        self._rows[name] = found
        print(f"{name}: median {found.median:.2f} {self._unit}", flush=True)

    def target(self, target: Target) -> None:
        self._targets.append(target)

    def note(self, name: str, value: object) -> None:
        """A figure that is only read; one of the same name is replaced."""
        self._notes[name] = value
        print(f"{name}: {value}", flush=True)

    def reported(self) -> None:
        """Everything, as :func:`report` does."""
        print(flush=True)
        report(self._name, self._rows, self._unit, self._targets, self._notes)

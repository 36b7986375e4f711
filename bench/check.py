"""``./dev bench check [NAME …]``: measures again and compares with the committed results.

Machines differ and are shared, so every result carries how long a fixed piece of work took beside it
(``bench/_calibration.py``); a row has become slower when its median, measured in that piece of work, has grown by more
than half. Writes nothing; exit status 1 when a row is slower.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench._results import RESULTS, RESULTS_VARIABLE

SHORT = ("front_door", "autocomplete", "settlement", "ingest", "guardianship", "load")
"""A few minutes together; the others may be named."""
ARGUMENTS: Mapping[str, Sequence[str]] = {
    "load": ("--minutes", "1", "--rates", ""),
    "guardianship": ("1000000", "500", "100000"),
}
"""The short form of what takes long: as busy, without the search for the highest rate; fewer leaves, bets and rows."""
IN_CPU_TIME = frozenset({"settlement", "guardianship", "rows"})
WAITS: Mapping[str, tuple[str, ...]] = {"load": ("ours: a picture", "from Post")}
"""How rows begin that say how long work stood behind what people wait for. Their CPU is compared instead."""
TOLERANCE = 1.5
NOT_WORTH_COMPARING = {"µs": 5.0, "ms": 1.0, "s": 0.2}
"""A row this short is the machine's noise. Growing from below this to above still counts against this."""

Document = Mapping[str, Any]


class Row(NamedTuple):
    """A median before and now, in the bench's unit; ``ratio`` is how it changed beside the machine."""

    name: str
    before: float
    now: float
    ratio: float

    @property
    def slower(self) -> bool:
        return self.ratio > TOLERANCE


def compared(name: str, before: Document, now: Document) -> Iterator[Row]:
    """The rows and the figures of CPU that both have.

    Raises
    ------
    ValueError
        When a result does not say how fast its machine was.
    """
    clock = "cpu_ms" if name in IN_CPU_TIME else "wall_ms"
    for document in (before, now):
        if not document.get("calibration"):
            raise ValueError(f"the result of {document['at']} has no calibration: run ./dev bench {name}")
    machine = _slower(clock, before, now)
    least = NOT_WORTH_COMPARING.get(now["unit"].split()[0], 0.0)
    for row, figures in now["rows"].items():
        if row in before["rows"] and not row.startswith(WAITS.get(name, ())):
            old = before["rows"][row]["median"]
            yield Row(row, old, figures["median"], figures["median"] / machine / max(old, least))
    machine, least = _slower("cpu_ms", before, now), NOT_WORTH_COMPARING["ms"]
    for figure, value in now.get("cpu", {}).items():
        if figure in before.get("cpu", {}):
            old = before["cpu"][figure]
            yield Row(figure, old, value, value / machine / max(old, least))


def missed(before: Document, now: Document) -> Iterator[str]:
    """What was held and is not any more, times left out: rows are compared beside the machine."""
    held = {target["name"] for target in before["targets"] if target["held"]}
    for target in now["targets"]:
        if not target["held"] and target["name"] in held and target["unit"] not in NOT_WORTH_COMPARING:
            yield f"{target['name']}: {target['actual']} {target['unit']}, at most {target['limit']}"


def _slower(clock: str, before: Document, now: Document) -> float:
    """How much longer this machine takes for the same piece of work."""
    return float(now["calibration"][clock] / before["calibration"][clock])


def main() -> int:
    """Measure what is named and print how each row changed."""
    slower = 0
    for name in sys.argv[1:] or SHORT:
        before = json.loads((RESULTS / f"{name}.json").read_text())
        now = _measured(name)
        print(f"\n{name}, beside the result of {before['at']}, load then {before['load_average'][0]}")
        for row in compared(name, before, now):
            verdict = "SLOWER" if row.slower else "as before" if row.ratio > 1 / TOLERANCE else "faster"
            print(f"  {row.name:56} {row.before:10.2f} → {row.now:10.2f} {now['unit']:12} ×{row.ratio:.2f}  {verdict}")
            slower += row.slower
        for what in missed(before, now):
            print(f"  MISSED  {what}")
            slower += 1
    print(f"\n{slower} rows are worse than in the committed results" if slower else "\nno row is worse")
    return 1 if slower else 0


def _measured(name: str) -> Document:
    with tempfile.TemporaryDirectory() as directory:
        environ = {**os.environ, RESULTS_VARIABLE: directory}
        command = [sys.executable, "-m", f"bench.{name}", *ARGUMENTS.get(name, ())]
        subprocess.run(command, env=environ, check=True, stdout=subprocess.DEVNULL)
        document: Document = json.loads((Path(directory) / f"{name}.json").read_text())
        return document


if __name__ == "__main__":
    sys.exit(main())

"""An interaction's way is told from the functions' logs alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench._hops import AROUND, PRODUCT, hops, read

TRACE = "6a" * 16
DOOR = {"interaction_id": "77", "trace_id": TRACE, "took_ms": 20.0, "asked_ms": 19.5}
COMMAND = {
    "message": "invocation",
    "trace_id": TRACE,
    "took_ms": 15.0,
    "spans": [{"span": "transaction", "took_ms": 9.0}, {"span": "nudge", "took_ms": 2.0}],
}
PICTURE = {"message": "invocation", "trace_id": TRACE, "took_ms": 80.0, "spans": [{"span": "render", "took_ms": 60.0}]}
COLD = {"time": "2026-11-22T10:00:00.500Z", "type": "platform.report", "record": {"metrics": {"initDurationMs": 9}}}


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """As processes leave them: what the runtime client writes ends without a line feed."""
    (tmp_path / "interactions-000.log").write_text(f"{json.dumps(DOOR)}\n")
    command = json.dumps(COMMAND) + json.dumps({"cache_reads": [3, 1], "how": "hit"})
    (tmp_path / "command_betting-000.log").write_text(f"{command}\n{json.dumps(COLD)}\nno JSON\n")
    (tmp_path / "delivery-001.log").write_text(json.dumps(PICTURE))
    return tmp_path


def test_every_millisecond_of_an_answer_is_somebodys(logs: Path) -> None:
    found = hops({77: 26.0, 78: 5.0}, read(logs))
    assert {name: times for name, times in found.items() if times} == {
        f"{AROUND}HTTP API, runtime, and the way there": [6.0],
        f"{PRODUCT}front door": [0.5],
        f"{AROUND}Invoke and runtime": [4.5],
        f"{PRODUCT}command": [13.0],
        f"{PRODUCT}command, of it in a transaction": [9.0],
        f"{AROUND}Invoke of delivery, taken": [2.0],
        f"{PRODUCT}a picture, drawn after the answer": [60.0],
    }


def test_the_cache_and_the_cold_starts_are_counted(logs: Path) -> None:
    logged = read(logs)
    assert dict(logged.cache) == {"hit": 4}
    assert logged.cold == [(1795341600.5, "command_betting")]

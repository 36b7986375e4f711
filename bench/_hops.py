"""Where the time of an interaction goes, hop by hop, from what every function logged of it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

Json = dict[str, Any]
PRODUCT, AROUND = "ours: ", "the local cloud: "
"""Whose time a hop is. In AWS the second is API Gateway's and Lambda's."""


@dataclass
class Logged:
    """Of a run: milliseconds by interaction and trace, how the cache was read, and every cold start's moment."""

    doors: dict[int, Json] = field(default_factory=dict)
    commands: dict[str, Json] = field(default_factory=dict)
    rendered: list[float] = field(default_factory=list)
    cache: Counter[str] = field(default_factory=Counter)
    cold: list[tuple[float, str]] = field(default_factory=list)
    """Seconds since 1970, and the function."""


def read(logs: Path) -> Logged:
    """What stands in the functions' logs."""
    found = Logged()
    for name, entry in _entries(sorted(logs.glob("*-*.log"))):
        if entry.get("type") == "platform.report":
            if "initDurationMs" in entry["record"]["metrics"]:
                found.cold.append((datetime.fromisoformat(entry["time"]).timestamp(), name))
        elif name == "interactions" and "interaction_id" in entry:
            found.doors[int(entry["interaction_id"])] = entry
        elif entry.get("message") == "invocation":
            if name.startswith("command_"):
                found.commands[entry["trace_id"]] = entry
            found.rendered += _spans(entry, "render")
        elif "cache_reads" in entry:
            found.cache[entry.get("how", "")] += round(sum(_values(entry["cache_reads"])))
    return found


def hops(answers: Mapping[int, float], logged: Logged) -> dict[str, list[float]]:
    """Milliseconds of each hop, of those of the answered interactions whose whole way is known."""
    found: dict[str, list[float]] = defaultdict(list)
    for number, whole in answers.items():
        door = logged.doors.get(number, {})
        command = logged.commands.get(door.get("trace_id", ""))
        if command is None or "asked_ms" not in door:
            continue
        nudge = sum(_spans(command, "nudge"))
        transactions = sum(_spans(command, "transaction"))
        found[f"{AROUND}HTTP API, runtime, and the way there"].append(whole - door["took_ms"])
        found[f"{PRODUCT}front door"].append(door["took_ms"] - door["asked_ms"])
        found[f"{AROUND}Invoke and runtime"].append(door["asked_ms"] - command["took_ms"])
        found[f"{PRODUCT}command"].append(command["took_ms"] - nudge)
        found[f"{PRODUCT}command, of it in a transaction"] += [transactions] if transactions else []
        found[f"{AROUND}Invoke of delivery, taken"] += [nudge] if nudge > _NOTHING_MS else []
    found[f"{PRODUCT}a picture, drawn after the answer"] += logged.rendered
    return found


_NOTHING_MS = 0.2
"""A nudge that had nobody to wake."""


def _spans(entry: Json, name: str) -> list[float]:
    return [each["took_ms"] for each in entry.get("spans", ()) if each["span"] == name]


def _entries(files: Sequence[Path]) -> Iterator[tuple[str, Json]]:
    """Every JSON object of the logs with the function's name; several may stand on a line."""
    decoder = json.JSONDecoder()
    for file in files:
        for line in file.read_text(errors="replace").splitlines():
            rest = line.strip()
            while rest.startswith("{"):
                try:
                    entry, end = decoder.raw_decode(rest)
                except json.JSONDecodeError:
                    break  # written at this moment
                yield file.stem.rpartition("-")[0], entry
                rest = rest[end:].strip()


def _values(found: Any) -> Sequence[float]:
    return found if isinstance(found, list) else [found]

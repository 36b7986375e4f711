"""From log lines to interactions: who did what for each of them, when, and what was logged meanwhile."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

Line = Mapping[str, Any]
FRONT_DOOR = "interactions"
_IDS = frozenset({"span", "trace_id", "span_id", "parent_id", "at_ms", "took_ms", "correlation_id", "failed"})


@dataclass(frozen=True, slots=True)
class Bar:
    """One span. Times in milliseconds, ``began_ms`` since 1970; ``depth`` counts the spans it lies within."""

    function: str
    name: str
    span_id: str
    parent_id: str
    began_ms: float
    took_ms: float
    note: str = ""
    failed: bool = False
    depth: int = 0

    @property
    def ended_ms(self) -> float:
        return self.began_ms + self.took_ms


@dataclass(frozen=True, slots=True)
class Told:
    """A log line and whose it is."""

    function: str
    line: Line


@dataclass(frozen=True, slots=True)
class Interaction:
    """``outcome`` is the front door's word; ``bars`` stand in the order of a tree, ``lines`` in that of their times."""

    correlation_id: str
    trace_id: str
    route: str
    outcome: str
    by: str
    bars: tuple[Bar, ...]
    lines: tuple[Told, ...]

    @property
    def began_ms(self) -> float:
        return min(bar.began_ms for bar in self.bars)

    @property
    def ended_ms(self) -> float:
        return max(bar.ended_ms for bar in self.bars)


def interactions(logs: Mapping[str, Sequence[Line]], most: int) -> list[Interaction]:
    """The latest interactions, newest first; ``logs`` are the lines of each function."""
    bars: defaultdict[str, list[Bar]] = defaultdict(list)
    requests: defaultdict[str, set[str]] = defaultdict(set)
    for function, lines in logs.items():
        for line in lines:
            for trace_id, bar in _bars(function, line):
                bars[trace_id].append(bar)
                requests[trace_id].add(str(line.get("requestId") or line.get("request_id") or ""))
    doors = [line for line in logs.get(FRONT_DOOR, ()) if line.get("trace_id") and line.get("began_ms")]
    doors = sorted(doors, key=lambda line: float(line["began_ms"]))[-most:]
    return [_interaction(door, bars[door["trace_id"]], requests[door["trace_id"]], logs) for door in reversed(doors)]


def _interaction(
    door: Line, bars: Sequence[Bar], requests: set[str], logs: Mapping[str, Sequence[Line]]
) -> Interaction:
    number = str(door["correlation_id"])
    told = [
        Told(function, line)
        for function, lines in logs.items()
        for line in lines
        if "_aws" not in line or line is door
        if line.get("correlation_id") == number or (line.get("requestId") in requests and line.get("requestId"))
    ]
    return Interaction(
        number,
        str(door["trace_id"]),
        str(door.get("route", "?")),
        str(door.get("outcome", "?")),
        str(door.get("by", "?")),
        tuple(_tree(bars)),
        tuple(sorted(told, key=lambda each: str(each.line.get("timestamp", "")))),
    )


def _bars(function: str, line: Line) -> Iterator[tuple[str, Bar]]:
    """The spans of a line with the traces they belong to."""
    if "began_ms" not in line or "span_id" not in line:
        return
    began, outcome = float(line["began_ms"]), str(line.get("outcome", ""))
    name = "front door" if function == FRONT_DOOR else function
    note = str(line.get("route", "")) if function == FRONT_DOOR else ""
    parent, took = str(line.get("parent_id", "")), float(line["took_ms"])
    failed = outcome == "failed"
    yield str(line["trace_id"]), Bar(function, name, str(line["span_id"]), parent, began, took, note, failed)
    for span in line.get("spans", ()):
        note = " ".join(str(value) for key, value in span.items() if key not in _IDS)
        at, took = began + float(span["at_ms"]), float(span["took_ms"])
        ids = str(span["span_id"]), str(span["parent_id"])
        yield str(span["trace_id"]), Bar(function, str(span["span"]), *ids, at, took, note, bool(span.get("failed")))


def _tree(bars: Sequence[Bar]) -> Iterator[Bar]:
    """Each span before what lies within it; what has no parent here stands at the top."""
    known = {bar.span_id for bar in bars}
    below: defaultdict[str, list[Bar]] = defaultdict(list)
    for bar in sorted(bars, key=lambda each: each.began_ms):
        below[bar.parent_id if bar.parent_id in known else ""].append(bar)

    def within(parent: str, depth: int) -> Iterator[Bar]:
        for bar in below[parent]:
            yield replace(bar, depth=depth)
            if bar.span_id != parent:
                yield from within(bar.span_id, depth + 1)

    yield from within("", 0)

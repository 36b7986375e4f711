"""One correlation id and one trace from the click to the message.

The correlation id is the interaction's own: the front door logs it, the command function reads it from the envelope,
every outbox row begins with it (``<cause id>:<n>``), and delivery logs it again. The trace goes the same way as W3C
Trace Context (``traceparent``), in the payload of an invocation and in the outbox row. Spans are written in the
invocation's log line, and sent to X-Ray when it asked for this trace (``core/xray.py``).
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import NamedTuple, Self

_SPANS_MAX = 200
"""A sweep of delivery may send many rows; what is beyond is counted only."""
_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


class Link(NamedTuple):
    """Where a span stands: its trace (32 hexadecimal digits), its own id (16), and whether it is to be exported."""

    trace_id: str
    span_id: str
    sampled: bool

    @classmethod
    def read(cls, traceparent: object) -> Self | None:
        """A ``traceparent`` of version 00 (W3C, Trace Context); None for anything else."""
        found = _TRACEPARENT.fullmatch(traceparent) if isinstance(traceparent, str) else None
        if found is None or not int(found[1], 16) or not int(found[2], 16):
            return None
        return cls(found[1], found[2], bool(int(found[3], 16) & 1))

    @classmethod
    def first(cls) -> Self:
        """Of a trace that begins here. As X-Ray wants it, its id begins with the second it began in."""
        return cls(f"{int(time.time()):08x}{os.urandom(12).hex()}", os.urandom(8).hex(), True)

    @property
    def traceparent(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"

    def below(self) -> Link:
        """A new span of the same trace."""
        return Link(self.trace_id, os.urandom(8).hex(), self.sampled)


@dataclass(frozen=True, slots=True)
class Span:
    """``at_ms`` counts from the beginning of the invocation; ``parent_id`` is empty for what begins a trace."""

    name: str
    link: Link
    parent_id: str
    at_ms: float
    took_ms: float
    correlation: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)
    failed: bool = False

    def to_json(self) -> dict[str, object]:
        document: dict[str, object] = {"span": self.name, **self.notes}
        if self.correlation:
            document["correlation_id"] = self.correlation
        if self.failed:
            document["failed"] = True
        ids = {"trace_id": self.link.trace_id, "span_id": self.link.span_id, "parent_id": self.parent_id}
        return {**document, **ids, "at_ms": round(self.at_ms, 2), "took_ms": round(self.took_ms, 2)}


@dataclass
class Trace:
    """What an invocation did and for how long. ``began`` is a monotonic second, ``began_at`` one since 1970."""

    root: Link = field(default_factory=Link.first)
    parent_id: str = ""
    began: float = field(default_factory=time.perf_counter)
    began_at: float = field(default_factory=time.time)
    spans: list[Span] = field(default_factory=list)
    left_out: int = 0


_correlation: ContextVar[str] = ContextVar("correlation", default="")
_trace: ContextVar[Trace | None] = ContextVar("trace", default=None)
_where: ContextVar[Link | None] = ContextVar("where", default=None)


def correlation_id() -> str:
    """The cause of what is being done; empty for what has none, such as a sweep."""
    return _correlation.get()


def traceparent() -> str | None:
    """The span that is open, for whoever goes on with its work; None outside an invocation."""
    where = _where.get()
    return where.traceparent if where else None


def cause_of(row_id: str) -> str:
    """The cause of an outbox row: what stands before the last colon of its id."""
    return row_id.rpartition(":")[0]


@contextmanager
def bound(correlation: str, trace: Link | None = None) -> Iterator[None]:
    """Everything within the block is done because of ``correlation``, and belongs to ``trace`` when there is one."""
    token = _correlation.set(correlation)
    within = _where.set(trace) if trace is not None else None
    try:
        yield
    finally:
        _correlation.reset(token)
        if within is not None:
            _where.reset(within)


@contextmanager
def traced(before: Link | None = None) -> Iterator[Trace]:
    """Gather the spans of one invocation, which goes on with the work of the span ``before``."""
    trace = Trace() if before is None else Trace(before.below(), before.span_id)
    token, within = _trace.set(trace), _where.set(trace.root)
    try:
        yield trace
    finally:
        _trace.reset(token)
        _where.reset(within)


@contextmanager
def span(name: str, **notes: str) -> Iterator[None]:
    """Measure a part: ``exchange``, ``nudge``, ``send``. Nothing happens outside an invocation."""
    trace = _trace.get()
    if trace is None:
        yield
        return
    above = _where.get() or trace.root
    link = above.below()
    within = _where.set(link)
    began, failed = time.perf_counter(), True
    try:
        yield
        failed = False
    finally:
        _where.reset(within)
        if len(trace.spans) < _SPANS_MAX:
            at_ms, took_ms = (began - trace.began) * 1000, (time.perf_counter() - began) * 1000
            done = Span(name, link, above.span_id, at_ms, took_ms, correlation_id(), notes, failed)
            trace.spans.append(done)
        else:
            trace.left_out += 1

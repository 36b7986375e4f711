"""One correlation id from the click to the message, and the spans of one invocation.

The id is the interaction's own: the front door logs it, the command function reads it from the envelope, every outbox
row begins with it (``<cause id>:<n>``), and delivery logs it again. Spans are written in the invocation's log line.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

_SPANS_MAX = 200
"""A sweep of delivery may send many rows; what is beyond is counted only."""


@dataclass
class Trace:
    """What an invocation did and for how long. ``began`` is the monotonic second it began at."""

    began: float = field(default_factory=time.perf_counter)
    spans: list[dict[str, object]] = field(default_factory=list)
    left_out: int = 0


_correlation: ContextVar[str] = ContextVar("correlation", default="")
_trace: ContextVar[Trace | None] = ContextVar("trace", default=None)


def correlation_id() -> str:
    """The cause of what is being done; empty for what has none, such as a sweep."""
    return _correlation.get()


def cause_of(row_id: str) -> str:
    """The cause of an outbox row: what stands before the last colon of its id."""
    return row_id.rpartition(":")[0]


@contextmanager
def bound(correlation: str) -> Iterator[None]:
    """Everything within the block is done because of ``correlation``."""
    token = _correlation.set(correlation)
    try:
        yield
    finally:
        _correlation.reset(token)


@contextmanager
def traced() -> Iterator[Trace]:
    """Gather the spans of one invocation."""
    trace = Trace()
    token = _trace.set(trace)
    try:
        yield trace
    finally:
        _trace.reset(token)


@contextmanager
def span(name: str, **notes: str) -> Iterator[None]:
    """Measure a part: ``exchange``, ``nudge``, ``send``. Nothing happens outside an invocation."""
    trace = _trace.get()
    if trace is None:
        yield
        return
    began = time.perf_counter()
    try:
        yield
    finally:
        if len(trace.spans) < _SPANS_MAX:
            at_ms, took_ms = (began - trace.began) * 1000, (time.perf_counter() - began) * 1000
            cause = correlation_id()
            about = {"correlation_id": cause} if cause else {}
            trace.spans.append({"span": name, **about, **notes, "at_ms": round(at_ms, 2), "took_ms": round(took_ms, 2)})
        else:
            trace.left_out += 1

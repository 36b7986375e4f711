"""Whether this run wrote something to tell: whoever commits it wakes ``job_webhooks``, whose sweep finds the rest."""

from __future__ import annotations

from contextvars import ContextVar

_written: ContextVar[bool] = ContextVar("webhook_events_written", default=False)


def note() -> None:
    """An event was written in the present transaction."""
    _written.set(True)


def taken() -> bool:
    """Whether anything was noted since the last call."""
    written = _written.get()
    _written.set(False)
    return written

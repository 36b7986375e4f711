"""What stands around every worker's handler: log lines, metrics, spans, memory. One decorator, one place."""

from __future__ import annotations

import functools
import logging
import os
import resource
import sys
import time
from collections.abc import Callable
from json import loads
from typing import Any

from dbsbm.core import metrics, pressure, tracing, xray
from dbsbm.core.errors import DbsbmError
from dbsbm.core.growth import TOLERATED, Growth
from dbsbm.core.logging import private, private_values, set_up

logger = logging.getLogger(__name__)

Handler = Callable[[Any, Any], Any]
WARNING_PERCENT = 80.0
_growth = Growth()


class InvocationFailedError(DbsbmError):
    """What the runtime is told of an unexpected error: its type alone, since the runtime writes it unredacted."""

    code = "invocation_failed"


def watched(handler: Handler) -> Handler:
    """Wrap a handler. Its errors are logged here with their trace and leave as :class:`InvocationFailedError`."""

    @functools.wraps(handler)
    def watching(event: Any, context: Any = None) -> Any:
        set_up(os.environ)
        name = os.environ.get("DBSBM_FUNCTION", handler.__module__.partition(".")[0])
        with (
            private(private_values(_opened(event))),
            metrics.collected() as samples,
            tracing.bound(_cause(event)),
            tracing.traced(_before(event)) as trace,
        ):
            outcome = "failed"
            try:
                answer = handler(event, context)
                outcome = "ok"
                return answer
            except Exception as error:  # the outermost edge
                metrics.record(metrics.ERRORS, code=_code(error))
                logger.exception("invocation failed")
                raise InvocationFailedError(f"{type(error).__name__}: {_code(error)}") from None
            finally:
                if "AWS_LAMBDA_RUNTIME_API" in os.environ:  # a process that serves one function and nothing else
                    note_growth(name, _growth)
                _end(name, outcome, trace, context)
                _write(samples)

    return watching


def _before(event: Any) -> tracing.Link | None:
    """Whose work this is: said by whoever invoked, else by Lambda; nobody's when the Scheduler did."""
    told = tracing.Link.read(event.get("traceparent")) if isinstance(event, dict) else None
    return told or xray.link_of(os.environ.get(xray.TRACE_VARIABLE, ""))


def _export(name: str, outcome: str, trace: tracing.Trace, took_ms: float) -> None:
    """To X-Ray, where there is one. Its rule says which traces it wants: one a second and a twentieth of the rest."""
    daemon = os.environ.get(xray.DAEMON_VARIABLE)
    if daemon:
        own = xray.link_of(os.environ.get(xray.TRACE_VARIABLE, ""))
        xray.send(xray.documents(name, trace, took_ms, own, failed=outcome != "ok"), daemon)


def _end(name: str, outcome: str, trace: tracing.Trace, context: Any) -> None:
    took_ms = (time.perf_counter() - trace.began) * 1000
    _export(name, outcome, trace, took_ms)
    metrics.record(metrics.INVOCATION, took_ms, function=name, outcome=outcome)
    spans = [span.to_json() for span in trace.spans]
    ids: dict[str, object] = {
        "trace_id": trace.root.trace_id,
        "span_id": trace.root.span_id,
        "parent_id": trace.parent_id,
    }
    ids["began_ms"] = round(trace.began_at * 1000, 2)
    notes = {"function": name, "outcome": outcome, "took_ms": round(took_ms, 2), "spans": spans, **ids}
    if trace.left_out:
        notes["spans_left_out"] = trace.left_out
    logger.info("invocation", extra={**notes, **_memory(name, context)})


def note_growth(name: str, growth: Growth) -> None:
    """Say what each invocation leaves behind, and which lines make it."""
    blocks = growth.after_invocation()
    if blocks is None:
        return
    metrics.record(metrics.LEAK, blocks, function=name)
    if blocks > TOLERATED:
        notes = {"blocks_per_invocation": round(blocks, 1), "lines": growth.culprits()}
        logger.warning("memory grows", extra=notes)


def _memory(name: str, context: Any) -> dict[str, float]:
    """Note the process's high-water mark; a warning from four fifths of the limit on."""
    used_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # KiB on Linux (getrusage(2))
    metrics.record(metrics.MEMORY, used_mb, function=name)
    limit_mb = float(getattr(context, "memory_limit_in_mb", 0) or 0)
    if not limit_mb:
        return {"memory_mb": round(used_mb)}
    percent = used_mb / limit_mb * 100
    metrics.record(metrics.MEMORY_SHARE, percent, function=name)
    if percent >= WARNING_PERCENT:
        metrics.record(metrics.MEMORY_SHORT)
        notes = {"memory_mb": round(used_mb), "limit_mb": round(limit_mb), "let_go": _relieved(limit_mb)}
        logger.warning("memory is short", extra=notes)
    return {"memory_mb": round(used_mb), "memory_percent": round(percent, 1)}


def _relieved(limit_mb: float) -> int:
    """How many places were emptied: none while it was only the height that was high, and is past."""
    now_mb = pressure.resident_mb()
    is_high = now_mb is None or now_mb / limit_mb * 100 >= WARNING_PERCENT
    return pressure.relieve() if is_high else 0


def _write(samples: list[metrics.Sample]) -> None:
    for line in metrics.embedded(samples, int(time.time() * 1000)):
        sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _cause(event: Any) -> str:
    """The id of the interaction in an envelope; empty for any other event."""
    interaction = event.get("interaction") if isinstance(event, dict) else None
    number = interaction.get("id") if isinstance(interaction, dict) else None
    return number if isinstance(number, str) and number.isdecimal() else ""


def _opened(event: Any) -> Any:
    """An event with the JSON of an HTTP body laid open, so that what is private in it is known."""
    body = event.get("body") if isinstance(event, dict) else None
    if not isinstance(body, str):
        return event
    try:
        return [event, loads(body)]
    except ValueError:
        return event


def _code(error: Exception) -> str:
    return error.code if isinstance(error, DbsbmError) else "internal"

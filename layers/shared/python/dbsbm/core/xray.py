"""Spans for AWS X-Ray: segment documents over UDP to the daemon that Lambda runs beside the function.

"AWS X-Ray segment documents" and "Sending trace data to AWS X-Ray" (AWS X-Ray developer guide). Lambda writes the
segment of the function itself; what we send are subsegments below it. A span that belongs to another trace – a row that
delivery sends because of an interaction that is long over – is a segment of that one.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dbsbm.core.tracing import Link, Span, Trace

HEADER = b'{"format":"json","version":1}\n'
TRACE_VARIABLE = "_X_AMZN_TRACE_ID"
DAEMON_VARIABLE = "AWS_XRAY_DAEMON_ADDRESS"


def link_of(header: str) -> Link | None:
    """Where Lambda itself stands: ``Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1``."""
    parts = dict(part.partition("=")[::2] for part in header.split(";"))
    version, _, rest = parts.get("Root", "").partition("-")
    if version != "1":
        return None
    sampled = "01" if parts.get("Sampled") == "1" else "00"
    return Link.read(f"00-{rest.replace('-', '')}-{parts.get('Parent', '')}-{sampled}")


def header_of(link: Link) -> str:
    """The header ``X-Amzn-Trace-Id``, with which Lambda goes on with the trace."""
    return f"Root={_root(link)};Parent={link.span_id};Sampled={int(link.sampled)}"


def documents(name: str, trace: Trace, took_ms: float, own: Link | None, *, failed: bool) -> Iterator[dict[str, Any]]:
    """Of an invocation of the function ``name``. ``own`` is Lambda's own segment, the parent of all of it."""
    known = own is not None and own.trace_id == trace.root.trace_id
    parent_id = own.span_id if known and own is not None else trace.parent_id
    whole = Span(name, trace.root, parent_id, 0.0, took_ms, failed=failed)
    for span in (whole, *trace.spans):
        if span.link.sampled:
            yield _document(span, trace.began_at, below=known and span.link.trace_id == trace.root.trace_id)


def send(documents: Iterable[Mapping[str, Any]], address: str) -> None:
    """Datagrams to ``host:port``: nobody waits, and what is lost is lost."""
    host, _, port = address.rpartition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for document in documents:
            text = json.dumps(document, separators=(",", ":")).encode()
            try:
                sender.sendto(HEADER + text, (host, int(port)))
            except (OSError, ValueError):
                return


def _document(span: Span, began_at: float, *, below: bool) -> dict[str, Any]:
    at = began_at + span.at_ms / 1000
    document: dict[str, Any] = {
        "trace_id": _root(span.link),
        "id": span.link.span_id,
        "name": span.name,
        "start_time": round(at, 6),
        "end_time": round(at + span.took_ms / 1000, 6),
    }
    if span.parent_id:
        document["parent_id"] = span.parent_id
    if below:
        document["type"] = "subsegment"
    if span.failed:
        document["fault"] = True
    annotations = {**span.notes, **({"correlation_id": span.correlation} if span.correlation else {})}
    if annotations:
        document["annotations"] = annotations
    return document


def _root(link: Link) -> str:
    return f"1-{link.trace_id[:8]}-{link.trace_id[8:]}"

"""Answers to HTTP events with ETag and Cache-Control, for everything that is read over HTTP (RFC 9110, RFC 9111)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from math import ceil
from typing import Any

MINUTE = "public, max-age=60"
"""May be shown by anybody for a minute without asking: what is public, and may be a minute old."""
REVALIDATE = "no-cache"
"""May be kept, and is asked for again each time: a 304 when nothing changed."""

Json = dict[str, Any]


def answered(
    event: object,
    body: str | Mapping[str, Any],
    *,
    status: int = 200,
    cache_control: str = REVALIDATE,
    content_type: str = "application/json",
) -> Json:
    """A response of an HTTP API; 304 without a body when the client has this very content. Errors are never kept."""
    text = body if isinstance(body, str) else json.dumps(body, separators=(",", ":"))
    if status != 200:
        headers = {"content-type": content_type, "cache-control": "no-store"}
        return {"statusCode": status, "headers": headers, "body": text}
    etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    headers = {"etag": etag, "cache-control": cache_control}
    if _known(header(event, "if-none-match"), etag):
        return {"statusCode": 304, "headers": headers, "body": ""}
    return {"statusCode": 200, "headers": {**headers, "content-type": content_type}, "body": text}


def drawn(
    event: object, shows: Mapping[str, Any], draw: Callable[[], bytes], *, content_type: str = "image/png"
) -> Json:
    """A picture, known by what it shows: a client that has it is told so before anything is drawn.

    The ETag is weak, because the same may be drawn a little differently by the next release.
    """
    etag = f'"{hashlib.sha256(json.dumps(shows, sort_keys=True).encode()).hexdigest()[:32]}"'
    headers = {"etag": f"W/{etag}", "cache-control": MINUTE}
    if _known(header(event, "if-none-match"), etag):
        return {"statusCode": 304, "headers": headers, "body": ""}
    headers |= {"content-type": content_type, "x-content-type-options": "nosniff"}
    body = base64.b64encode(draw()).decode()
    return {"statusCode": 200, "headers": headers, "body": body, "isBase64Encoded": True}


def too_many(event: object, retry_after_s: float) -> Json:
    """429 with ``Retry-After`` in whole seconds (RFC 6585, 4; RFC 9110, 10.2.3)."""
    answer = answered(event, {"error": "too many requests"}, status=429)
    answer["headers"]["retry-after"] = str(max(1, ceil(retry_after_s)))
    return answer


def address_of(event: object) -> str:
    """Where a request came from, as the HTTP API saw it; never what a header claims. Empty for anything else."""
    context = event.get("requestContext") if isinstance(event, Mapping) else None
    http = context.get("http") if isinstance(context, Mapping) else None
    address = http.get("sourceIp") if isinstance(http, Mapping) else None
    return address if isinstance(address, str) else ""


def header(event: object, name: str) -> str:
    """A header of an HTTP event by its lower-case name; empty when it is not there."""
    headers = event.get("headers") if isinstance(event, Mapping) else None
    value = headers.get(name) if isinstance(headers, Mapping) else None
    return value if isinstance(value, str) else ""


def path_of(event: object) -> str:
    """The path of an HTTP event; empty for anything else."""
    path = event.get("rawPath") if isinstance(event, Mapping) else None
    return path if isinstance(path, str) else ""


def has_bearer(event: object, secrets: Iterable[str]) -> bool:
    """Whether the request carries one of ``secrets``; the comparison takes as long whatever was sent."""
    scheme, _, given = header(event, "authorization").partition(" ")
    same = [hmac.compare_digest(given.strip().encode(), secret.encode()) for secret in secrets if secret]
    return any(same) and scheme.lower() == "bearer"


def _known(asked: str, etag: str) -> bool:
    """``If-None-Match`` compares weakly (RFC 9110, 13.1.2)."""
    return any(each.strip().removeprefix("W/") in {etag, "*"} for each in asked.split(","))

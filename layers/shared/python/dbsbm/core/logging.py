"""Log lines: Lambda's own JSON, with the correlation id added and everything secret or personal taken out.

The runtime already writes one JSON object per record; we wrap its formatter rather than bring a second one
(docs/decisions.md). Redaction works on the finished line, so that no path around it exists: values that the invocation
knows to be private (its token, names of people, what they typed), values of keys that are always private, and shapes.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from dbsbm.core import tracing

HIDDEN = "[redacted]"

PRIVATE_KEYS = frozenset(
    {
        "authorization",
        "avatar",
        "body",
        "cookie",
        "email",
        "global_name",
        "nick",
        "password",
        "secret",
        "token",
        "topic",
        "typed",
        "username",
        "value",
        "values",
    }
)
"""Keys whose values never belong in a log: credentials, names of people, and what people typed."""

_LOOKS_SECRET = re.compile(
    r"""
      (?P<url>[a-z][a-z0-9+.-]*://[^\s:/@"\\]*:)[^\s@/"\\]+(?=@)            # password in a URL
    | (?P<hook>/(?:webhooks|interactions)/\d+/)[A-Za-z0-9_.-]+              # token in a Discord path
    | (?P<key>(?:api[-_]?key|access_token|token|signature)=)[^&\s"\\]+      # query parameters
    | (?P<scheme>(?:Bot|Bearer)\ )[A-Za-z0-9_.=+/-]{8,}                     # authorization headers
    | aW50ZXJhY3Rpb24[A-Za-z0-9_=-]{4,}                                     # interaction tokens: base64 "interaction…"
    | [MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}       # bot tokens
    | (?:AKIA|ASIA)[A-Z0-9]{16}                                             # AWS access keys
    | [A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z0-9.-]+                       # e-mail addresses
    """,
    re.VERBOSE | re.IGNORECASE,
)
_OURS = frozenset(
    {"timestamp", "level", "logger", "requestId", "correlation_id", "function", "outcome", "location", "reader"}
)
"""Fields that no event's text reaches: a person who types "info" does not blank the level. ``reader`` is who read a
secret: an ARN, which that line is there to tell."""
_SHORTEST_HIDDEN = 3
"""A name of one or two letters would blank half of every line; it is left, and says nothing."""
_LONG = 12
_private: ContextVar[frozenset[str]] = ContextVar("private", default=frozenset())


@contextmanager
def private(values: Iterable[str]) -> Iterator[None]:
    """No line written in the block shows one of these values."""
    known = {value for value in values if len(value) >= _SHORTEST_HIDDEN}
    token = _private.set(_private.get() | known)
    try:
        yield
    finally:
        _private.reset(token)


def private_values(event: object) -> Iterator[str]:
    """The texts of an event that are credentials, name people, or were typed by one; and whatever is long enough to be.

    An unexpected error's message may repeat any field. Decimal ids are left: they are what a log is searched by.
    """
    if isinstance(event, str) and len(event) >= _LONG and not event.isdecimal():
        yield event
    elif isinstance(event, Mapping):
        for key, value in event.items():
            if str(key).lower() in PRIVATE_KEYS:
                yield from _texts(value)
            else:
                yield from private_values(value)
    elif isinstance(event, list):
        for value in event:
            yield from private_values(value)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def redacted(line: str) -> str:
    """A finished line without what is private; one that is not JSON is cleaned as text."""
    try:
        document = json.loads(line)
    except ValueError:
        return _cleaned(line)
    return json.dumps(_without_private(document), ensure_ascii=False)


def _without_private(value: Any) -> Any:
    if isinstance(value, str):
        return _cleaned(value)
    if isinstance(value, list):
        return [_without_private(inner) for inner in value]
    if isinstance(value, dict):
        return {
            key: HIDDEN
            if key.lower() in PRIVATE_KEYS and isinstance(inner, str)
            else inner
            if key in _OURS
            else _without_private(inner)
            for key, inner in value.items()
        }
    return value


def _cleaned(text: str) -> str:
    for value in sorted(_private.get(), key=len, reverse=True):
        text = text.replace(value, HIDDEN)
        if (quoted := ascii(value)[1:-1]) != value:
            text = text.replace(quoted, HIDDEN)
    return _LOOKS_SECRET.sub(_hidden, text)


def _hidden(found: re.Match[str]) -> str:
    kept = found.groupdict()
    return next((text for text in kept.values() if text), "") + HIDDEN


class Redacting(logging.Formatter):
    """Another formatter's lines, made fit for a log."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        return redacted(self._inner.format(record))


class Correlated(logging.Filter):
    """Adds the correlation id to each record, unless whoever logs gave one."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "correlation_id") and tracing.correlation_id():
            record.correlation_id = tracing.correlation_id()
        return True


def set_up(environ: Mapping[str, str]) -> None:
    """Wrap the handlers that Lambda's runtime put on the root logger; the level is the function's own.

    Called with each invocation: a handler that came later, as in the local cloud, is wrapped as well. Handlers of
    anybody else (a test runner's) stay as they are.
    """
    root = logging.getLogger()
    for handler in root.handlers:
        if type(handler.formatter).__module__.startswith("awslambdaric."):
            handler.setFormatter(Redacting(handler.formatter or logging.Formatter()))
            handler.addFilter(Correlated())
    logging.getLogger("dbsbm").setLevel(_level(environ))


def _level(environ: Mapping[str, str]) -> int:
    """``AWS_LAMBDA_LOG_LEVEL``, which Lambda sets from the function's logging configuration; INFO without it."""
    known: Any = logging.getLevelName(environ.get("AWS_LAMBDA_LOG_LEVEL", "INFO").upper())
    return known if isinstance(known, int) else logging.INFO

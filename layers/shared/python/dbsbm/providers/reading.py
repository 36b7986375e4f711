"""Documents of providers as reports: one bad entry is named and left out, the others are kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from dbsbm.providers.errors import ProviderDocumentError

Report = TypeVar("Report")
Problems = list[ProviderDocumentError]


@dataclass(frozen=True, slots=True)
class Read(Generic[Report]):
    """What could be read, and one error per entry that could not."""

    reports: tuple[Report, ...]
    problems: tuple[ProviderDocumentError, ...]


def read_list(body: bytes, read_entry: Callable[[Any, Problems], Report | None]) -> Read[Report]:
    """Every entry of a document that is a list. Raises ProviderDocumentError when it is none."""
    return read_entries(read_json(body), read_entry)


def read_entries(entries: Any, read_entry: Callable[[Any, Problems], Report | None]) -> Read[Report]:
    """Every entry that can be read. Raises ProviderDocumentError when ``entries`` is no list."""
    if not isinstance(entries, list):
        raise ProviderDocumentError("not a list of events")
    reports: list[Report] = []
    problems: Problems = []
    for index, entry in enumerate(entries):
        try:
            report = read_entry(entry, problems)
        except ProviderDocumentError as error:
            problems.append(ProviderDocumentError(f"event {index}: {error.detail}"))
            continue
        if report is not None:
            reports.append(report)
    return Read(tuple(reports), tuple(problems))


def read_json(body: bytes) -> Any:
    """The document of a body; numbers with a point stay text, so that 1.91 is read as 191/100.

    Raises
    ------
    ProviderDocumentError
        When it is not JSON, for instance cut off.
    """
    try:
        return json.loads(body, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise ProviderDocumentError(f"not JSON ({len(body)} bytes): {error}") from error


def count(value: Any, most: int) -> int | None:
    """A whole number from 0 to ``most``, written as a number or as text ("7", "7.0"); None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    whole = str(value).strip().removesuffix(".0")
    return int(whole) if whole.isdecimal() and whole.isascii() and len(whole) <= 15 and int(whole) <= most else None


def mapping(value: Any, what: str) -> dict[str, Any]:
    """A JSON object. Raises ProviderDocumentError."""
    if not isinstance(value, dict):
        raise ProviderDocumentError(f"{what} is not an object")
    return value


def text(fields: dict[str, Any], name: str, longest: int) -> str:
    """A text that says something. Raises ProviderDocumentError."""
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > longest:
        raise ProviderDocumentError(f"{name} {str(value)[:80]!r} is not a text of 1 to {longest} characters")
    return value


def moment(fields: dict[str, Any], name: str) -> datetime:
    """A time with its zone, in UTC. Raises ProviderDocumentError."""
    value = fields.get(name)
    try:
        found = datetime.fromisoformat(str(value)) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not 2000 <= found.year <= 2100:
        raise ProviderDocumentError(f"{name} {str(value)[:80]!r} is not a time with a zone")
    return found.astimezone(UTC)

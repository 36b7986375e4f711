"""Discord's entitlement object (developer docs, "Entitlement Resource"), from wherever it comes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from dbsbm.tiers.model import Entitlement, EntitlementState

_SNOWFLAKES = 1 << 63


def entitlement(document: Mapping[str, Any], told_at: datetime, *, deleted: bool = False) -> Entitlement | None:
    """A community's purchase as Discord tells of it at ``told_at``; None when it is a person's.

    Raises
    ------
    ValueError, KeyError, TypeError
        When it is not what Discord documents.
    """
    if not document.get("guild_id"):
        return None
    gone = deleted or document.get("deleted") is True
    return Entitlement(
        guild_id=_snowflake(document["guild_id"]),
        entitlement_id=_snowflake(document["id"]),
        sku_id=_snowflake(document["sku_id"]),
        starts_at=_moment(document.get("starts_at")),
        ends_at=_moment(document.get("ends_at")),
        state=EntitlementState.DELETED if gone else EntitlementState.LIVE,
        told_at=told_at,
    )


def moment(text: str) -> datetime:
    """An ISO 8601 time in UTC.

    Raises
    ------
    ValueError, TypeError
        When it is none, or says no zone.
    """
    read = datetime.fromisoformat(text)
    if read.tzinfo is None:
        raise ValueError("a time without a zone")
    return read.astimezone(UTC)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else moment(text)


def _snowflake(value: Any) -> int:
    number = int(value)
    if not 0 < number < _SNOWFLAKES:
        raise ValueError("not a snowflake")
    return number

"""Endpoints of a community's own systems, and what they are told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Event(StrEnum):
    BET_CREATED = "bet.created"
    BET_GRADED = "bet.graded"
    BET_REGRADED = "bet.regraded"
    """Decided anew, or taken back: then there is no grade."""
    CAPPER_CHANGED = "capper.changed"
    TEST = "test"


SUBSCRIBED = (Event.BET_CREATED, Event.BET_GRADED, Event.BET_REGRADED, Event.CAPPER_CHANGED)


class EndpointState(StrEnum):
    LIVE = "live"
    PARKED = "parked"
    """Nothing got through for a day: events are kept, none is sent until an admin resumes it."""
    REMOVED = "removed"


class EventState(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    PARKED = "parked"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``failures`` counts attempts since the last success. ``url`` is empty until ``webhooks.sealing`` opened it."""

    guild_id: int
    endpoint_id: int
    url: str
    secret_cipher: bytes = field(repr=False)
    events: tuple[Event, ...]
    state: EndpointState
    created_by: int
    created_at: datetime
    failures: int = 0
    failing_since: datetime | None = None
    waits_until: datetime | None = None
    url_cipher: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Told:
    """One event for one endpoint. ``body`` is None before the first attempt."""

    guild_id: int
    endpoint_id: int
    event_id: str
    event: Event
    subject_id: int
    seq: int
    occurred_at: datetime
    body: str | None
    state: EventState
    attempts: int
    attempted_at: datetime | None
    status: int | None
    error: str


def secret_context(endpoint_id: int) -> str:
    """What an endpoint's secret is bound to at rest."""
    return f"webhook_endpoints|{endpoint_id}"

"""Requests, their states and their time limits."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

WAIT = timedelta(hours=1)
"""How long an erasure can be taken back before it begins."""


class Kind(StrEnum):
    EXPORT = "export"
    DELETE = "delete"


class State(StrEnum):
    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    WITHDRAWN = "withdrawn"


class Stage(StrEnum):
    """The parts of an erasure, in their order."""

    COMMUNITIES = "communities"
    SLIPS = "slips"
    ANSWERS = "answers"
    OUTBOX = "outbox"
    TARGETS = "targets"
    KEY = "key"
    SHRED = "shred"


@dataclass(frozen=True, slots=True)
class Request:
    """``stage``, ``cursor_guild`` and ``cursor_key`` say how far it is; ``counts`` is the receipt.

    ``names`` are what the person was called, each with the community where it was.
    """

    request_id: int
    subject: str
    user_id: int | None
    kind: Kind
    state: State
    received_at: datetime
    confirm_by: datetime
    answer_by: datetime
    begins_at: datetime
    stage: str = ""
    cursor_guild: int = 0
    cursor_key: str = ""
    names: Sequence[tuple[int, str]] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    done_at: datetime | None = None

    @property
    def open(self) -> bool:
        return self.state in (State.WAITING, State.WORKING)

    def names_in(self, guild_id: int) -> Sequence[str]:
        """What the person was called in a community, longest first; outside of all (0) whatever they were called."""
        named = {name for where, name in self.names if 0 in (where, guild_id) or where == guild_id}
        return sorted(named, key=len, reverse=True)


def answer_by(received: datetime) -> datetime:
    """One month (GDPR, article 12(3)), always sooner than the 45 days of the CCPA (section 1798.130)."""
    year, month = (received.year + 1, 1) if received.month == 12 else (received.year, received.month + 1)
    return received.replace(year=year, month=month, day=min(received.day, monthrange(year, month)[1]))


def confirm_by(received: datetime) -> datetime:
    """Ten business days (11 CCR 7021(a)); Saturdays and Sundays are none."""
    moment, left = received, 10
    while left:
        moment += timedelta(days=1)
        left -= moment.weekday() < 5
    return moment

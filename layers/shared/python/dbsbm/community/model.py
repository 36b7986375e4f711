"""What a community has the bot do by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class Routine(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    REMINDER = "reminder"
    TOP_ROLE = "top_role"
    ROLE_CHECK = "role_check"
    """Some minutes after roles were given or taken: what did Discord say?"""
    COUNTERS = "counters"
    CORRECTIONS = "corrections"
    """Whether recaps that were posted still say what the ledger does."""


POSTS = (Routine.DAILY, Routine.WEEKLY, Routine.MONTHLY, Routine.REMINDER)
"""What an admin switches on and off, in the order shown."""
CORRECTED = (Routine.DAILY, Routine.WEEKLY, Routine.MONTHLY)
"""Whose posts are compared with the ledger afterwards."""
RECAP_HOURS = (6, 7, 8, 9, 10, 12, 15, 18)
"""Local hours; none before a sports day is over."""
REMINDER_HOURS = (6, 9, 12, 18, 20, 21, 22, 23)
TOP_COUNTS = (1, 2, 3, 5, 10)


class Counter(StrEnum):
    RECORD = "record"
    UNITS = "units"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class CommunityPlan:
    """What is set; the defaults are those of a community that set nothing. Hours are local ones of the guild."""

    channel_id: int | None = None
    """Where recaps, standings and reminders go; None: where the results go."""
    recap_hour: int = 9
    reminder_hour: int = 23
    top_role_id: int | None = None
    top_count: int = 3
    notices: Mapping[str, str] = field(default_factory=dict)
    """What Discord refused last, by what was asked of it ("role", "counters")."""

    def hour(self, routine: Routine) -> int:
        return self.reminder_hour if routine is Routine.REMINDER else self.recap_hour


@dataclass(frozen=True, slots=True)
class Posted:
    """A recap that was posted: the figures it said, its message, and the figures its correction says."""

    routine: Routine
    period: date
    posted_at: datetime
    figures: Mapping[str, Any]
    shown: Mapping[str, Any] = field(repr=False)
    told: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class CounterChannel:
    """``shown`` is the name it was last given."""

    counter: Counter
    counter_id: int
    shown: str

    @property
    def target_key(self) -> str:
        return f"counter:{self.counter_id}"


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody with the role of the month's best, or from whom it is being taken."""

    role_id: int
    user_id: int
    leaving: bool

    def target_key(self, guild_id: int) -> str:
        return f"top:{guild_id}:{self.role_id}:{self.user_id}"

"""The day whose record a bet belongs to."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

CUT_OFF = timedelta(hours=5)
"""Late games belong to the evening they began: a sports day ends at 05:00 local time."""


def sports_day(last_start: datetime, zone: ZoneInfo) -> date:
    """The guild's sports day of the last leg's start."""
    return (last_start.astimezone(zone).replace(tzinfo=None) - CUT_OFF).date()

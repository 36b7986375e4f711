"""What providers cost: requests and credits by day, and what the month will come to."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import datetime

from dbsbm.database.session import Session

_AHEAD_DAYS = 2


@dataclass(frozen=True, slots=True)
class Usage:
    """A provider in this calendar month (UTC). ``forecast`` is what the month's credits come to at this pace.

    ``remaining`` and ``used`` are the provider's own words, of its own period; None where it says nothing.
    """

    provider: str
    requests: int
    credits: int
    forecast: int
    remaining: int | None
    used: int | None


def forecast(spent: int, now: datetime) -> int:
    """Credits at the month's end at the pace so far, at least an hour counted as passed."""
    days = calendar.monthrange(now.year, now.month)[1]
    begun = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    passed = max((now - begun).total_seconds(), 3600.0)
    return round(spent * days * 86400 / passed)


def allowance(budget: int, now: datetime) -> int:
    """What may have been spent by now of a month's budget: an even pace, two days ahead of itself."""
    days = calendar.monthrange(now.year, now.month)[1]
    begun = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    passed = (now - begun).total_seconds() / 86400
    return min(budget, int(budget * (passed + _AHEAD_DAYS) / days))


def day_of(budget: int, now: datetime) -> int:
    """A day's part of a month's budget, rounded up."""
    return -(-budget // calendar.monthrange(now.year, now.month)[1])


class UsageRepository:
    """One row per provider and UTC day."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def record(
        self, provider: str, now: datetime, *, requests: int, cost: int, remaining: int | None, used: int | None
    ) -> None:
        """Add what a run asked for."""
        self._session.execute(_RECORD, (provider, now.date(), requests, cost, remaining, used, now))

    def providers(self, now: datetime) -> list[Usage]:
        """What every provider that was asked this month has cost, by name."""
        # PRIMARY; a row per provider and day, and there are four providers.
        rows = self._session.all(
            "SELECT DISTINCT provider FROM provider_usage WHERE day >= %s ORDER BY provider",
            (now.date().replace(day=1),),
        )
        return [self.month(row["provider"], now) for row in rows]

    def month(self, provider: str, now: datetime) -> Usage:
        """What the provider has cost since the first of the month."""
        # PRIMARY, one range.
        rows = self._session.all(
            """SELECT requests, credits, remaining, used FROM provider_usage
               WHERE provider = %s AND day >= %s AND day <= %s ORDER BY day""",
            (provider, now.date().replace(day=1), now.date()),
        )
        spent = sum(row["credits"] for row in rows)
        last = rows[-1] if rows else {"remaining": None, "used": None}
        requests = sum(row["requests"] for row in rows)
        return Usage(provider, requests, spent, forecast(spent, now), last["remaining"], last["used"])


_RECORD = """
INSERT INTO provider_usage (provider, day, requests, credits, remaining, used, updated_at)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE
    requests = requests + VALUES(requests),
    credits = credits + VALUES(credits),
    remaining = COALESCE(VALUES(remaining), remaining),
    used = COALESCE(VALUES(used), used),
    updated_at = VALUES(updated_at)
"""

"""Which reports there are, over which time, and when one is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum


class Series(StrEnum):
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    ANNUAL = "annual"


FRAMEWORKS_OF: Mapping[Series, tuple[str, ...]] = {
    Series.MONTHLY: ("soc2", "iso", "nist"),
    Series.QUARTERLY: ("pci", "sox"),
    Series.ANNUAL: ("gdpr", "ccpa", "hipaa"),
}
"""What a report of the series is about."""
_MONTHS: Mapping[Series, int] = {Series.MONTHLY: 1, Series.QUARTERLY: 3, Series.ANNUAL: 12}


@dataclass(frozen=True, slots=True)
class Period:
    """From its first moment up to the moment after it; ``name`` is "2026-10", "2026-Q3" or "2026"."""

    name: str
    since: datetime
    until: datetime


def period_of(series: Series, moment: datetime) -> Period:
    """The period that holds a moment (UTC)."""
    months = _MONTHS[series]
    first = (moment.month - 1) // months * months + 1
    since = datetime(moment.year, first, 1, tzinfo=UTC)
    until = datetime(moment.year + (first + months > 12), (first + months - 1) % 12 + 1, 1, tzinfo=UTC)
    names = {
        Series.MONTHLY: f"{moment.year}-{first:02d}",
        Series.QUARTERLY: f"{moment.year}-Q{first // 3 + 1}",
        Series.ANNUAL: f"{moment.year}",
    }
    return Period(names[series], since, until)


def last_period(series: Series, now: datetime) -> Period:
    """The newest one that is over."""
    return period_of(series, datetime.fromtimestamp(period_of(series, now).since.timestamp() - 1, UTC))

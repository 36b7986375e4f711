"""Quiet hours: whole hours of the member's own zone, over midnight and over changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dbsbm.guilds.notices.model import DirectMember, quiet_until

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


def ends(first: int | None, last: int | None, now: datetime, timezone: str | None = BERLIN) -> datetime | None:
    return quiet_until(DirectMember(1, timezone=timezone, quiet_from=first, quiet_until=last), NEW_YORK, now)


@pytest.mark.parametrize(
    ("local", "until"),
    [
        ("2026-09-13T22:59", None),
        ("2026-09-13T23:00", "2026-09-14T08:00"),
        ("2026-09-14T00:00", "2026-09-14T08:00"),
        ("2026-09-14T07:59", "2026-09-14T08:00"),
        ("2026-09-14T08:00", None),
        ("2026-10-25T00:30", "2026-10-25T08:00"),  # the clock goes back at 3
        ("2026-03-29T00:30", "2026-03-29T08:00"),  # and forward at 2
    ],
)
def test_hours_over_midnight(local: str, until: str | None) -> None:
    zone = ZoneInfo(BERLIN)
    now = datetime.fromisoformat(local).replace(tzinfo=zone).astimezone(UTC)
    wanted = None if until is None else datetime.fromisoformat(until).replace(tzinfo=zone).astimezone(UTC)
    assert ends(23, 8, now) == wanted


def test_without_a_zone_of_ones_own_the_servers_counts() -> None:
    now = datetime(2026, 9, 14, 4, 30, tzinfo=UTC)  # half past midnight in New York
    assert ends(0, 7, now, timezone=None) == datetime(2026, 9, 14, 11, 0, tzinfo=UTC)


def test_none_or_equal_hours_are_no_quiet_hours() -> None:
    now = datetime(2026, 9, 14, 4, 30, tzinfo=UTC)
    assert [ends(first, last, now) for first, last in ((None, 8), (8, None), (6, 6))] == [None, None, None]


def test_the_end_always_lies_ahead_and_within_a_day() -> None:
    start = datetime(2026, 10, 24, tzinfo=UTC)
    for first in range(24):
        for last in range(24):
            for minutes in range(0, 48 * 60, 97):
                now = start + timedelta(minutes=minutes)
                end = ends(first, last, now)
                assert end is None or timedelta(0) < end - now <= timedelta(hours=25)

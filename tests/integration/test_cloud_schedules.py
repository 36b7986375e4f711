"""Schedule expressions, and schedules that fire on the cloud's clock over changes of daylight-saving time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.catalog import Catalog, Queue
from local.cloud import Cloud, VirtualClock
from local.cloud.errors import ExpressionError
from local.cloud.schedule import parse
from local.cloud.timetable import Timetable
from tests.integration.toy_cloud import FUNCTIONS, scheduled, toy_cloud


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _firings(expression: str, zone: str, start: str, count: int) -> list[str]:
    """The next firings as UTC, written "09-10 12:00"."""
    moment: datetime | None = _utc(start)
    parsed = parse(expression, zone, _utc(start))
    found: list[str] = []
    while len(found) < count and moment is not None and (moment := parsed.after(moment)) is not None:
        found.append(f"{moment:%m-%d %H:%M}")
    return found


@pytest.mark.parametrize(
    ("expression", "zone", "start", "expected"),
    [
        ("rate(1 minute)", "UTC", "2026-09-10T12:00", ["09-10 12:01", "09-10 12:02"]),
        ("rate(5 minutes)", "UTC", "2026-09-10T12:03", ["09-10 12:08", "09-10 12:13"]),
        ("rate(2 days)", "UTC", "2026-09-10T12:00", ["09-12 12:00", "09-14 12:00"]),
        ("at(2026-09-10T20:15:00)", "America/New_York", "2026-09-10T12:00", ["09-11 00:15"]),
        ("cron(0 9 * * ? *)", "UTC", "2026-09-10T12:00", ["09-11 09:00", "09-12 09:00"]),
        ("cron(0/20 12 * * ? *)", "UTC", "2026-09-10T12:00", ["09-10 12:20", "09-10 12:40", "09-11 12:00"]),
        ("cron(5,35 8-9 ? * MON-FRI *)", "UTC", "2026-09-11T09:10", ["09-11 09:35", "09-14 08:05"]),
        ("cron(0 0 1 * ? *)", "UTC", "2026-09-10T12:00", ["10-01 00:00", "11-01 00:00"]),
        ("cron(0 0 L * ? *)", "UTC", "2027-01-31T12:00", ["02-28 00:00", "03-31 00:00"]),
        ("cron(0 0 LW * ? *)", "UTC", "2026-10-01T12:00", ["10-30 00:00", "11-30 00:00"]),
        ("cron(0 0 15W * ? *)", "UTC", "2026-08-01T12:00", ["08-14 00:00", "09-15 00:00"]),
        ("cron(0 0 ? * 2#1 *)", "UTC", "2026-09-10T12:00", ["10-05 00:00", "11-02 00:00"]),
        ("cron(0 0 ? * 6L *)", "UTC", "2026-09-10T12:00", ["09-25 00:00", "10-30 00:00"]),
        ("cron(0 0 29 2 ? *)", "UTC", "2026-09-10T12:00", ["02-29 00:00"]),
        ("cron(0 0 1 JAN ? 2027)", "UTC", "2026-09-10T12:00", ["01-01 00:00"]),
    ],
)
def test_expressions_fire_when_the_guide_says(expression: str, zone: str, start: str, expected: list[str]) -> None:
    assert _firings(expression, zone, start, len(expected)) == expected


def test_an_at_schedule_and_a_past_year_fire_no_more() -> None:
    assert parse("at(2026-09-10T20:15:00)", "UTC", _utc("2026-01-01")).after(_utc("2026-09-10T20:15")) is None
    assert parse("cron(0 0 1 1 ? 2020)", "UTC", _utc("2026-01-01")).after(_utc("2026-01-01")) is None


def test_a_local_time_that_does_not_exist_is_skipped() -> None:
    # Clocks in New York went from 02:00 to 03:00 on 8 March 2026.
    expected = ["03-07 07:30", "03-09 06:30"]
    assert _firings("cron(30 2 * * ? *)", "America/New_York", "2026-03-06T12:00", 2) == expected


def test_a_local_time_that_comes_twice_fires_once() -> None:
    # Clocks in New York go from 02:00 back to 01:00 on 1 November 2026: 01:30 comes at 05:30 and at 06:30 UTC.
    expected = ["10-31 05:30", "11-01 05:30", "11-02 06:30"]
    assert _firings("cron(30 1 * * ? *)", "America/New_York", "2026-10-30T12:00", 3) == expected


def test_nine_in_the_morning_stays_nine_in_the_morning() -> None:
    expected = ["10-31 13:00", "11-01 14:00", "11-02 14:00"]
    assert _firings("cron(0 9 * * ? *)", "America/New_York", "2026-10-30T14:00", 3) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "rate(1 minutes)",
        "rate(5 minute)",
        "rate(0 minutes)",
        "rate(1 week)",
        "cron(0 9 * * *)",
        "cron(0 9 * * * *)",
        "cron(0 9 ? * ? *)",
        "cron(60 9 * * ? *)",
        "cron(0 9 32 * ? *)",
        "cron(0 9 ? * 8 *)",
        "cron(0 9 ? * MON#6 *)",
        "cron(x 9 * * ? *)",
        "at(tomorrow)",
        "every minute",
    ],
)
def test_what_scheduler_refuses_is_refused(expression: str) -> None:
    with pytest.raises(ExpressionError):
        parse(expression, "UTC", _utc("2026-09-10T12:00"))


@given(
    minute=st.integers(0, 59),
    hour=st.integers(0, 23),
    start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    zone=st.sampled_from(["UTC", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata"]),
)
def test_a_daily_time_fires_in_order_at_most_once_a_local_day(
    minute: int, hour: int, start: datetime, zone: str
) -> None:
    parsed = parse(f"cron({minute} {hour} * * ? *)", zone, start)
    moments = [start]
    for _ in range(10):
        following = parsed.after(moments[-1])
        assert following is not None
        moments.append(following)
    for before, after in pairwise(moments[1:]):
        assert timedelta(hours=22) < after - before < timedelta(hours=50)


@pytest.mark.parametrize("mode", ["in_process", "processes"])
def test_a_schedule_fires_on_the_clouds_clock_with_schedulers_event(mode: Any) -> None:
    catalog = Catalog((scheduled("rate(5 minutes)"),), (Queue("failed-invocations"),), (), ())
    with toy_cloud(mode, catalog=catalog) as cloud:
        cloud.advance(11 * 60)
        fired = cloud.invocations("toy_echo")
        assert len(fired) == 2
        event = fired[0].event
        assert (
            event.items()
            >= {
                "source": "aws.scheduler",
                "detail-type": "Scheduled Event",
                "detail": "{}",
                "version": "0",
            }.items()
        )
        assert event["time"].startswith("2026-09-10T12:05:0")
        assert event["resources"][0].endswith("schedule/default/dbsbm-local-toy_echo")


def test_a_night_with_an_hour_more_on_the_virtual_clock() -> None:
    catalog = Catalog((scheduled("cron(30 1,9 * * ? *)", "America/New_York"),), (), (), ())
    clock = VirtualClock(_utc("2026-10-31T12:00"))
    with Cloud(catalog, clock, functions=FUNCTIONS) as cloud:
        cloud.advance(2 * 86_400)
        times = [each.event["time"] for each in cloud.invocations("toy_echo")]
    assert times == [
        "2026-10-31T13:30:00Z",
        "2026-11-01T05:30:00Z",
        "2026-11-01T14:30:00Z",
        "2026-11-02T06:30:00Z",
    ]


def test_a_firing_older_than_its_schedule_allows_is_dropped() -> None:
    catalog = Catalog((scheduled("rate(1 minute)"),), (), (), ())
    timetable = Timetable(catalog, _utc("2026-09-10T12:00"))
    fired = timetable.take(_utc("2026-09-10T13:00"))
    assert [f"{firing.at:%H:%M}" for firing in fired] == ["12:55", "12:56", "12:57", "12:58", "12:59", "13:00"]
    assert timetable.next_due() == _utc("2026-09-10T13:01")

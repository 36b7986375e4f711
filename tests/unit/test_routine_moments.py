"""When routines are due in a guild's zone, over the days on which the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbsbm.bets.days import sports_day
from dbsbm.bets.standings.model import Total
from dbsbm.community.figures import changed, figures
from dbsbm.community.model import RECAP_HOURS, Routine
from dbsbm.community.moments import Occurrence, following, latest

NEW_YORK, LORD_HOWE = ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")
ZONES = st.sampled_from(
    [NEW_YORK, LORD_HOWE, ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata"), ZoneInfo("Etc/GMT+12")]
)
SCHEDULED = st.sampled_from([Routine.DAILY, Routine.WEEKLY, Routine.MONTHLY, Routine.REMINDER, Routine.TOP_ROLE])
MOMENTS = st.integers(0, 3 * 365 * 86_400).map(
    lambda after: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=after)
)


def total(capper_id: int, *, bets: int, risk: int = 0, profit: int = 0) -> Total:
    return Total(capper_id, f"capper {capper_id}", bets, bets, 0, 0, 0, 0, 0, risk, profit, 0)


@given(SCHEDULED, st.integers(0, 23), ZONES, MOMENTS)
def test_the_last_and_the_next_time_enclose_every_moment(
    routine: Routine, hour: int, zone: ZoneInfo, now: datetime
) -> None:
    last, then = latest(routine, hour, zone, now), following(routine, hour, zone, now)
    assert last.at <= now < then.at
    assert latest(routine, hour, zone, then.at) == then
    assert following(routine, hour, zone, last.at) == then
    assert latest(routine, hour, zone, then.at - timedelta(seconds=1)) == last


@given(SCHEDULED, st.sampled_from(RECAP_HOURS), ZONES, MOMENTS)
def test_what_is_spoken_of_is_over(routine: Routine, hour: int, zone: ZoneInfo, now: datetime) -> None:
    found = latest(routine, hour, zone, now)
    if routine in (Routine.DAILY, Routine.WEEKLY, Routine.MONTHLY):
        assert found.first <= found.last < sports_day(found.at, zone)
        assert found.last + timedelta(days=1) == sports_day(found.at, zone)


@pytest.mark.parametrize(
    ("day", "hour", "zone", "moment"),
    [
        (date(2026, 3, 7), 2, NEW_YORK, datetime(2026, 3, 7, 7, 0, tzinfo=UTC)),
        (date(2026, 3, 8), 2, NEW_YORK, datetime(2026, 3, 8, 7, 0, tzinfo=UTC)),  # skipped: three o'clock by the clock
        (date(2026, 3, 9), 2, NEW_YORK, datetime(2026, 3, 9, 6, 0, tzinfo=UTC)),
        (date(2026, 10, 31), 1, NEW_YORK, datetime(2026, 10, 31, 5, 0, tzinfo=UTC)),
        (date(2026, 11, 1), 1, NEW_YORK, datetime(2026, 11, 1, 5, 0, tzinfo=UTC)),  # comes twice: the first time
        (date(2026, 11, 2), 1, NEW_YORK, datetime(2026, 11, 2, 6, 0, tzinfo=UTC)),
    ],
)
def test_each_day_has_its_hour_once(day: date, hour: int, zone: ZoneInfo, moment: datetime) -> None:
    assert latest(Routine.REMINDER, hour, zone, moment) == Occurrence(Routine.REMINDER, day, moment)
    before = latest(Routine.REMINDER, hour, zone, moment - timedelta(seconds=1))
    assert before.day == day - timedelta(days=1)


def test_a_week_begins_on_monday_and_a_month_ends_with_its_last_day() -> None:
    now = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # a Monday
    week, month = latest(Routine.WEEKLY, 9, NEW_YORK, now), latest(Routine.MONTHLY, 9, NEW_YORK, now)
    assert (week.first, week.last) == (date(2026, 2, 23), date(2026, 3, 1))
    assert (month.first, month.last) == (date(2026, 2, 1), date(2026, 2, 28))


def test_figures_add_up_a_cappers_days_and_tell_what_changed() -> None:
    before = figures([total(1, bets=2, risk=20, profit=5), total(2, bets=1, risk=10, profit=-10)])
    after = figures([total(1, bets=1, risk=10, profit=3), total(1, bets=1, risk=10, profit=2), total(3, bets=1)])
    assert [(was and was.capper_id, now and now.capper_id) for was, now in changed(before, after)] == [
        (None, 3),
        (2, None),
    ]
    assert changed(before, type(before).from_json(before.to_json())) == []

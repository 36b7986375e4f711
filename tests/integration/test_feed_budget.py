"""The odds feed keeps to the month's credits, and says what the month will come to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbsbm.games.feed.usage import UsageRepository, allowance, forecast
from dbsbm.providers.odds_api import PROVIDER
from local.demo.slate import DemoSlate
from tests.integration.feed_season import Season

FIRST = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def month(database_url: str) -> Iterator[Season]:
    season = Season(database_url, DemoSlate(FIRST), FIRST)
    with season.server:
        yield season
    season.database.close()


def spent(season: Season) -> int:
    with season.database.read() as session:
        return UsageRepository(session).month(PROVIDER, season.clock.now()).credits


def test_a_day_of_runs_stays_within_the_free_plan(month: Season) -> None:
    feed = replace(month.feed, budget=500)
    saved = 0
    for _ in range(24 * 12 // 3):
        done = feed.run()
        saved += done.saved
        assert spent(month) <= allowance(500, month.clock.now())
        month.clock.move(900)

    assert saved > 0
    assert 40 <= spent(month) <= 50, "a day and the two that may be drawn on ahead"


def test_without_a_budget_nothing_is_saved_and_a_person_s_order_is_always_carried_out(month: Season) -> None:
    assert month.feed.run().saved == 0
    nothing = replace(month.feed, budget=0)
    month.clock.move(timedelta(days=1).total_seconds())

    assert nothing.run().documents == 0
    done = nothing.run(["nfl"])

    assert done.documents == 2
    assert done.spent == 5, "three markets of one region, and the scores"


def test_the_run_says_what_was_spent_and_what_the_month_comes_to(month: Season) -> None:
    month.clock.set(FIRST + timedelta(days=10))

    counts = replace(month.feed, budget=500).run(["nfl"]).to_json()

    assert counts["month"] == {"credits": spent(month), "forecast": forecast(spent(month), month.clock.now())}
    assert counts["month"]["forecast"] == 3 * counts["month"]["credits"]
    with month.database.read() as session:
        usage = UsageRepository(session).month(PROVIDER, month.clock.now())
    assert usage.remaining == 20_000 - spent(month)


@given(st.integers(0, 100_000), st.integers(0, 29 * 24))
def test_an_allowance_grows_to_the_whole_budget_and_no_further(budget: int, hours: int) -> None:
    now = FIRST + timedelta(hours=hours)

    assert 0 <= allowance(budget, now) <= allowance(budget, now + timedelta(hours=1)) <= budget
    assert allowance(budget, FIRST + timedelta(days=28)) == budget

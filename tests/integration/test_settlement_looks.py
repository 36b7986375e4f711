"""A first final is looked at again after half an hour, a day and three days, at every source of scores."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from dbsbm.environment import Environment
from dbsbm.settlement.jobs import run_settle
from dbsbm.wiring import build
from tests.integration.moments import HandClock, open_database
from tests.integration.test_settlement_grades import OVER, Season

FEEDS = ["feed_odds_api", "feed_espn", "feed_api_sports"]


class Looks(Season):
    """Runs of the settlement job, and what it has the feeds do."""

    environment: Environment
    asked: list[tuple[str, list[str]]]

    def invoke(
        self, function: str, payload: dict[str, Any], *, asynchronous: bool, timeout_s: float
    ) -> dict[str, Any] | None:
        assert asynchronous
        assert timeout_s <= 1
        self.asked.append((function, payload["leagues"]))
        return None

    def job(self, minutes: float) -> list[tuple[str, list[str]]]:
        """A run so many minutes after the first final."""
        at = OVER + timedelta(minutes=minutes)
        self.clock.set(at)
        self.asked = []
        run_settle({"time": at.isoformat()}, self.environment, lambda: True)
        return self.asked


@pytest.fixture
def looks(database_url: str) -> Iterator[Looks]:
    clock = HandClock()
    season = Looks(open_database(database_url, clock), clock)
    season.environment = build({"DATABASE_URL": database_url}, clock=clock, random=Random(1), invoke=season.invoke)
    yield season
    season.environment.database.close()
    season.database.close()


def test_a_final_is_asked_for_again_after_half_an_hour_a_day_and_three_days(looks: Looks) -> None:
    looks.opened().bet()
    for source in ("one", "two"):
        looks.final(source, 27, 20)
    everybody = [(feed, ["nfl"]) for feed in FEEDS]
    expected = {0: [], 29: [], 31: everybody, 36: [], 24 * 60 - 1: [], 24 * 60 + 1: everybody, 25 * 60: []}
    assert {minutes: looks.job(minutes) for minutes in expected} == expected
    assert looks.job(72 * 60 + 1) == everybody
    assert looks.job(72 * 60 + 30) == []


def test_a_look_that_finds_another_score_corrects_the_grade_and_after_three_days_it_stands(looks: Looks) -> None:
    looks.opened().bet()
    for source in ("one", "two"):
        looks.final(source, 27, 20)
    looks.job(5)
    assert looks.job(24 * 60 + 1) != []
    for source in ("one", "two"):
        looks.final(source, 22, 20, at=OVER + timedelta(hours=24, minutes=2))
    looks.job(24 * 60 + 6)
    graded = "SELECT grade, reason FROM bet_grades ORDER BY grade_seq"
    assert looks.rows(graded) == [("won", ""), ("lost", "score corrected: 27-20 → 22-20")]
    for source in ("one", "two"):
        looks.final(source, 30, 20, at=OVER + timedelta(hours=73))
    looks.job(73 * 60 + 5)
    assert len(looks.rows(graded)) == 2, "the rule profile keeps grades from changing after 72 hours"

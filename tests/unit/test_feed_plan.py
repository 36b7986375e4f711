"""When a league's documents are worth their credits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dbsbm.games.model import GameState
from dbsbm.providers.plan import LeagueStanding, due, odds_due, rule, scores_due

NOW = datetime(2026, 9, 10, 12, 0, tzinfo=UTC)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("start_in_minutes", "rests_for"),
    [(-5, 0), (59, 0), (61, 30), (24 * 60, 30), (24 * 60 + 1, 180), (8 * 24 * 60, 720), (None, 720)],
)
def test_odds_are_asked_for_the_oftener_the_nearer_the_next_start(
    start_in_minutes: float | None, rests_for: float
) -> None:
    start = None if start_in_minutes is None else NOW + timedelta(minutes=start_in_minutes)
    standing = LeagueStanding(next_start=start)

    assert odds_due(NOW, ago(rests_for), standing)
    assert odds_due(NOW, ago(rests_for - 1), standing), "a schedule that fired a little early costs no interval"
    if rests_for:
        assert not odds_due(NOW, ago(rests_for - 2), standing)


def test_a_league_never_fetched_is_due_for_odds() -> None:
    assert odds_due(NOW, None, LeagueStanding())


def test_scores_are_asked_for_only_when_there_can_be_any() -> None:
    assert not scores_due(NOW, None, LeagueStanding(next_start=NOW + timedelta(minutes=1)))
    assert scores_due(NOW, None, LeagueStanding(in_play=1))
    assert scores_due(NOW, ago(10), LeagueStanding(in_play=1, lately_final=9))
    assert not scores_due(NOW, ago(5), LeagueStanding(in_play=1))


def test_finals_are_looked_at_again_for_corrections() -> None:
    assert scores_due(NOW, ago(360), LeagueStanding(lately_final=1))
    assert not scores_due(NOW, ago(300), LeagueStanding(lately_final=1))


def test_a_full_saturday_of_a_sport_stays_within_a_free_plan_of_a_hundred_requests() -> None:
    """Kick-offs from noon to ten at night, asked for by the day; the day before is still looked at."""
    scores = rule("api_sports", "scores")
    midnight = NOW.replace(hour=0)
    days = [[midnight + timedelta(days=day, hours=hour) for hour in range(12, 23)] for day in (-2, -1, 0)]
    requests = 0
    for starts in days:
        fetched: datetime | None = None
        for minute in range(0, 24 * 60, 5):
            now = midnight + timedelta(minutes=minute)
            states = [
                (start, GameState.FINAL if now > start + timedelta(hours=2) else GameState.LIVE) for start in starts
            ]
            intervals = [scores.interval(now, start, state) for start, state in states]
            if due(now, fetched, min((each for each in intervals if each is not None), default=None)):
                fetched, requests = now, requests + 1
    assert 10 <= requests <= 40

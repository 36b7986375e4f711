"""When a league's odds and scores are worth their credits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

_TOLERANCE = timedelta(minutes=1)
"""A schedule never fires exactly on time; without this, an interval would sometimes last one firing longer."""
JUST_BEGUN = timedelta(minutes=6)
"""The last prices before a start are written after the last run before it: the run after it still asks."""
_ODDS_STEPS = (
    (timedelta(hours=1), timedelta(0)),  # the last hour: at every run, so that the close is caught
    (timedelta(days=1), timedelta(minutes=30)),
    (timedelta(days=7), timedelta(hours=3)),
)
_ODDS_IDLE = timedelta(hours=12)
_SCORES_IN_PLAY = timedelta(minutes=10)
_SCORES_CORRECTIONS = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class LeagueStanding:
    """What we know of a league's games.

    ``next_start`` may lie ``JUST_BEGUN`` back; ``in_play`` have started and are not final, ``lately_final`` began in
    the last three days.
    """

    next_start: datetime | None = None
    in_play: int = 0
    lately_final: int = 0


def odds_due(now: datetime, fetched_at: datetime | None, standing: LeagueStanding) -> bool:
    """Every run in the hour before a start, each half hour on the day, 3-hourly in the week, else twice a day."""
    if fetched_at is None:
        return True
    interval = _ODDS_IDLE
    if standing.next_start is not None:
        ahead = standing.next_start - now
        interval = next((interval for within, interval in _ODDS_STEPS if ahead <= within), _ODDS_IDLE)
    return now - fetched_at >= interval - _TOLERANCE


def scores_due(now: datetime, fetched_at: datetime | None, standing: LeagueStanding) -> bool:
    """Each ten minutes while a game is on, 6-hourly for three days after for corrections, else never."""
    if standing.in_play:
        interval = _SCORES_IN_PLAY
    elif standing.lately_final:
        interval = _SCORES_CORRECTIONS
    else:
        return False
    return fetched_at is None or now - fetched_at >= interval - _TOLERANCE

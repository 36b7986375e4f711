"""When a document is worth asking for: a data file of minutes, near a start often, far away seldom.

``ahead`` and ``afterwards`` are pairs: within so many minutes of the start, ask every so many minutes. ``in_play`` is
the interval while a game is on; ``otherwise`` the one when nothing is near. What the file leaves out is not asked for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from dbsbm.games.model import GameState

_FILE = Path(__file__).parent / "data" / "plan.json"
_TOLERANCE = timedelta(minutes=1)
"""A schedule never fires exactly on time; without this, an interval would sometimes last one firing longer."""
JUST_BEGUN = timedelta(minutes=6)
"""The last prices before a start are written after the last run before it: the run after it still asks."""
Steps = tuple[tuple[timedelta, timedelta], ...]


@dataclass(frozen=True, slots=True)
class LeagueStanding:
    """What we know of a league's games.

    ``next_start`` may lie ``JUST_BEGUN`` back; ``in_play`` have started and are not final, ``lately_final`` began in
    the last three days.
    """

    next_start: datetime | None = None
    in_play: int = 0
    lately_final: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """How often one kind of document is asked for."""

    ahead: Steps
    in_play: timedelta | None
    afterwards: Steps
    otherwise: timedelta | None

    @property
    def looks_ahead(self) -> timedelta:
        """How long before its start a game is first asked for."""
        return max((within for within, _ in self.ahead), default=timedelta(0))

    @property
    def looks_back(self) -> timedelta:
        """How long after its start a game is last asked for."""
        return max((within for within, _ in self.afterwards), default=timedelta(0))

    def interval(self, now: datetime, starts_at: datetime, state: GameState) -> timedelta | None:
        """How often a game is to be asked for now; None: not at all."""
        if starts_at > now:
            return _step(self.ahead, starts_at - now)
        if state in (GameState.SCHEDULED, GameState.LIVE) and now - starts_at <= self.looks_back:
            return self.in_play
        return _step(self.afterwards, now - starts_at)


@cache
def rule(provider: str, kind: str) -> Rule:
    """The rule of the data file."""
    row = json.loads(_FILE.read_text())[provider][kind]
    return Rule(
        _steps(row.get("ahead", [])),
        _minutes(row.get("in_play")),
        _steps(row.get("afterwards", [])),
        _minutes(row.get("otherwise")),
    )


def due(now: datetime, fetched_at: datetime | None, interval: timedelta | None) -> bool:
    """Whether so much time has passed; never without an interval, at once when nothing was fetched yet."""
    if interval is None:
        return False
    return fetched_at is None or now - fetched_at >= interval - _TOLERANCE


def odds_due(now: datetime, fetched_at: datetime | None, standing: LeagueStanding) -> bool:
    """Whether a league's prices are to be fetched: what is in the file counts to its next start."""
    odds = rule("the_odds_api", "odds")
    interval = odds.otherwise
    if standing.next_start is not None:
        near = _step(odds.ahead, standing.next_start - now)
        interval = odds.otherwise if near is None else near
    return due(now, fetched_at, interval)


def scores_due(now: datetime, fetched_at: datetime | None, standing: LeagueStanding) -> bool:
    """Whether a league's scores are: while a game is on, and for three days after for corrections."""
    scores = rule("the_odds_api", "scores")
    if standing.in_play:
        return due(now, fetched_at, scores.in_play)
    return due(now, fetched_at, scores.afterwards[-1][1]) if standing.lately_final else False


def _step(steps: Steps, apart: timedelta) -> timedelta | None:
    return next((interval for within, interval in steps if apart <= within), None)


def _steps(rows: list[list[int]]) -> Steps:
    return tuple((timedelta(minutes=within), timedelta(minutes=interval)) for within, interval in rows)


def _minutes(count: int | None) -> timedelta | None:
    return None if count is None else timedelta(minutes=count)

"""Points by period as the engine takes them: only what adds up to the final score is believed."""

from __future__ import annotations

from dataclasses import replace

from dbsbm.betting.catalogue import League
from dbsbm.betting.results import Course, GameResult, Status
from dbsbm.games.facts.model import Periods

_BASEBALL = "baseball"


def with_periods(result: GameResult, told: Periods, league: League) -> GameResult | None:
    """A final result with the periods of one source; None where these do not add up to it.

    What is beyond the regulation periods is overtime, and there is none but after a tie.
    """
    sport = league.sport
    home, away = _regular(told, sport.periods, baseball=sport.sport_id == _BASEBALL)
    if result.status is not Status.FINAL or not home or len(home) != len(away):
        return None
    regular = (sum(home), sum(away))
    periods = tuple(zip(home, away, strict=True))
    if len(periods) < sport.periods:
        return _cut_short(result, told, periods) if sport.sport_id == _BASEBALL else None
    extra = (result.home - regular[0], result.away - regular[1])
    if extra == (0, 0):
        return replace(result, periods=periods)
    if sport.regulation_only or min(extra) < 0 or regular[0] != regular[1]:
        return None
    return replace(result, periods=periods, regulation=regular, overtime=extra)


def _regular(told: Periods, periods: int, *, baseball: bool) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The regulation periods; the home side does not bat in the last inning when it leads."""
    home, away = told.home[:periods], told.away[:periods]
    if baseball and len(home) == len(away) - 1:
        home = (*home, 0)
    return home, away


def _cut_short(result: GameResult, told: Periods, innings: tuple[tuple[int, int], ...]) -> GameResult | None:
    """Fewer innings than nine: how many halves were begun is for the rules."""
    if (sum(home for home, _ in innings), sum(away for _, away in innings)) != (result.home, result.away):
        return None
    halves = len(told.home) + len(told.away)
    return replace(result, periods=innings, course=Course(half_innings=halves))

"""A game's grade: ordinary, by period, or cut short.

An unfinished game is graded by interval reachability: scores can only grow, so a bet that every possible continuation
decides alike is settled, and any other is handed back unless the league calls the game official.
"""

from __future__ import annotations

from dataclasses import replace

from dbsbm.betting import baseball
from dbsbm.betting.catalogue import GAME, REGULATION, League, catalogue
from dbsbm.betting.legs import Leg
from dbsbm.betting.outcome import Outcome, reach, void
from dbsbm.betting.profile import RuleProfile
from dbsbm.betting.results import Course, GameResult, Status
from dbsbm.betting.scores import counting_score, grade_score, total_bounds
from dbsbm.core.errors import InputError

_ORDINARY = Course()


def grade_game(leg: Leg, result: GameResult, profile: RuleProfile) -> Outcome:
    """Grade a leg on a game. Raises InputError when the result does not say what the leg needs, or play may go on."""
    if result.course is not None or result.status is not Status.FINAL:
        return _unusual(leg, result, profile)
    if leg.period == GAME and result.regulation is None:
        return grade_score(leg, result.home, result.away, profile)
    return grade_score(leg, *counting_score(leg, result), profile)


def _unusual(leg: Leg, result: GameResult, profile: RuleProfile) -> Outcome:
    course = result.course or _ORDINARY
    league = catalogue().league(leg.league) if leg.league else None
    is_baseball = league is not None and league.sport.sport_id == "baseball"
    window_h = profile.mlb_resume_window_h if is_baseball else profile.resume_window_h
    if result.status in {Status.CANCELLED, Status.WALKOVER}:
        return void("GAME-CANCELLED")
    if result.status is Status.POSTPONED:
        if course.delay_h is not None and course.delay_h <= window_h:
            raise InputError("status", "postponed", f"is inside the window of {window_h} h: it may still be played")
        return void("GAME-POSTPONED")
    if course.restarted and profile.restart_is_no_action:
        return void("GAME-RESTARTED")
    if is_baseball:
        ruled = baseball.ruling(leg, result, course, profile)
        if ruled is not None:
            return ruled
    if result.status is Status.FINAL:
        if course.delay_h is not None and course.delay_h > window_h:
            return void("RESUMED-LATE")
        return grade_score(leg, *counting_score(leg, result), profile)
    return _stopped(leg, result, course, league, profile)


def _stopped(leg: Leg, result: GameResult, course: Course, league: League | None, profile: RuleProfile) -> Outcome:
    if _period_complete(leg, result):
        return grade_score(leg, *counting_score(leg, result), profile)
    if leg.period not in {GAME, REGULATION}:
        return reach(*total_bounds(leg, *_so_far(leg, result)), "SUSPENDED-DETERMINED", "PERIOD-INCOMPLETE")
    if league is not None and is_official(league, course):
        return replace(grade_score(leg, *counting_score(leg, result), profile), rule="SUSPENDED-OFFICIAL")
    return reach(*total_bounds(leg, result.home, result.away), "SUSPENDED-DETERMINED", "SUSPENDED-VOID")


def is_official(league: League, course: Course) -> bool:
    """Whether a game that stopped had reached the league's minimum play."""
    if league.minimum_minutes is not None and course.minutes is not None:
        return course.minutes >= league.minimum_minutes
    if league.minimum_half_innings is not None and course.half_innings is not None:
        return course.half_innings >= league.minimum_half_innings
    return False


def _period_complete(leg: Leg, result: GameResult) -> bool:
    if leg.period in {GAME, REGULATION}:
        return False
    span = catalogue().span(leg.league, leg.period)
    return len(result.periods) > span.last and not span.overtime


def _so_far(leg: Leg, result: GameResult) -> tuple[int, int]:
    span = catalogue().span(leg.league, leg.period)
    begun = result.periods[span.first - 1 : span.last]
    return sum(home for home, _ in begun), sum(away for _, away in begun)

"""Baseball that was not an ordinary nine innings: listed pitchers, shortened and suspended games, mercy rules."""

from __future__ import annotations

from dataclasses import replace

from dbsbm.betting.catalogue import GAME
from dbsbm.betting.legs import Leg
from dbsbm.betting.markets import Market
from dbsbm.betting.outcome import Outcome, reach, void
from dbsbm.betting.profile import Mercy, Pitcher, RuleProfile, TotalEarly
from dbsbm.betting.results import Course, GameResult
from dbsbm.betting.scores import counting_score, grade_score, total_bounds
from dbsbm.core.errors import InputError

OFFICIAL_HALF_INNINGS = 10
_DISTANCE_MARKETS = frozenset({Market.SPREAD, Market.TOTAL, Market.TEAM_TOTAL})


def ruling(leg: Leg, result: GameResult, course: Course, profile: RuleProfile) -> Outcome | None:
    """What baseball's own rules decide, or None when the general ones do."""
    if not _pitchers_started(leg, course, profile):
        return void("MLB-LISTED-PITCHER")
    if leg.period != GAME:
        return _part(leg, result, course, profile)
    if course.mercy and leg.market in _DISTANCE_MARKETS and profile.mlb_mercy is Mercy.VOID:
        return void("MLB-MERCY-VOID")
    if course.half_innings is None or course.mercy:
        return None
    if leg.market not in _DISTANCE_MARKETS:
        return _winner(leg, result, course.half_innings, profile)
    if _went_the_distance(result, course.half_innings, course.scheduled_innings):
        return grade_score(leg, *counting_score(leg, result), profile)
    if leg.market is Market.SPREAD:
        return void("MLB-RL-9INN")
    if profile.mlb_total_early is TotalEarly.VOID:
        return void("MLB-TOTAL-9INN")
    return reach(*total_bounds(leg, result.home, result.away), "MLB-TOTAL-DETERMINED", "MLB-TOTAL-9INN")


def _pitchers_started(leg: Leg, course: Course, profile: RuleProfile) -> bool:
    if profile.pitcher is Pitcher.ACTION or not leg.listed:
        return True
    if course.starters is None:
        raise InputError("starters", "", "the starting pitchers are not known")
    wanted = leg.listed[:1] if profile.pitcher is Pitcher.LISTED_ONE else leg.listed
    return all(pitcher in course.starters for pitcher in wanted)


def _part(leg: Leg, result: GameResult, course: Course, profile: RuleProfile) -> Outcome | None:
    if course.half_innings is None or not leg.period.startswith("f"):
        return None
    innings = int(leg.period[1:])
    if course.half_innings >= 2 * innings:
        return grade_score(leg, *counting_score(leg, result), profile)
    return reach(*total_bounds(leg, result.home, result.away), "SUSPENDED-DETERMINED", "PERIOD-INCOMPLETE")


def _winner(leg: Leg, result: GameResult, half_innings: int, profile: RuleProfile) -> Outcome:
    home_ahead = result.home > result.away
    if half_innings < OFFICIAL_HALF_INNINGS - (1 if home_ahead else 0):
        return void("MLB-ML-5INN")
    return replace(grade_score(leg, *_official_score(result, half_innings), profile), rule="MLB-ML-OFFICIAL")


def _official_score(result: GameResult, half_innings: int) -> tuple[int, int]:
    """Score after the last full inning, unless the home side tied or went ahead in the unfinished bottom half."""
    full = half_innings // 2
    if len(result.periods) <= full:
        return result.home, result.away
    home, away = (sum(each[side] for each in result.periods[:full]) for side in (0, 1))
    scored_in_bottom = result.home > home
    return (result.home, result.away) if scored_in_bottom and result.home >= result.away else (home, away)


def _went_the_distance(result: GameResult, half_innings: int, scheduled_innings: int) -> bool:
    scheduled = 2 * scheduled_innings
    return half_innings >= scheduled or (half_innings == scheduled - 1 and result.home > result.away)

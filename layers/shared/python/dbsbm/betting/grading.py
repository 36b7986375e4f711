"""From a leg and what happened to an outcome: one door for every market."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dbsbm.betting.games import grade_game
from dbsbm.betting.legs import Leg
from dbsbm.betting.outcome import Outcome
from dbsbm.betting.outrights import grade_outright, grade_season
from dbsbm.betting.profile import RuleProfile
from dbsbm.betting.props import grade_prop
from dbsbm.betting.results import GameResult, OutrightResult, PlayerResult, Result, SeasonResult, TennisResult
from dbsbm.betting.tennis import grade_tennis
from dbsbm.core.errors import InputError

_BY_RESULT: dict[type, Callable[[Leg, Any, RuleProfile], Outcome]] = {
    GameResult: grade_game,
    TennisResult: grade_tennis,
    PlayerResult: grade_prop,
    OutrightResult: grade_outright,
    SeasonResult: grade_season,
    Outcome: lambda leg, decided, profile: decided,  # noqa: ARG005 - one signature
}


def grade_leg(leg: Leg, result: Result, profile: RuleProfile) -> Outcome:
    """What one leg came to, and by which rule; an outcome that a person decided stands as it is.

    Raises InputError naming the field that cannot be graded.
    """
    grader = _BY_RESULT.get(type(result))
    if grader is None:
        raise InputError("result", type(result).__name__, "is no result of an event")
    return grader(leg, result, profile)

"""Markets that a score between two sides decides."""

from __future__ import annotations

from collections.abc import Callable

from dbsbm.betting.catalogue import GAME, REGULATION, catalogue
from dbsbm.betting.legs import Leg
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.outcome import Grade, Ladder, Outcome, ladder, outcome, rung
from dbsbm.betting.profile import RuleProfile, Tie
from dbsbm.betting.results import GameResult
from dbsbm.core.errors import InputError

_MONEYLINE = ladder("ML-FINAL")
_TIE_PUSH = outcome(Grade.PUSH, "ML-TIE-PUSH")
_TIE_LOSS = outcome(Grade.LOST, "ML-TIE-LOSS")
_THREE_WAY = ladder("3WAY-REGULATION")
_NO_BET = ladder("DNB-REGULATION")
_DOUBLE = ladder("DC-REGULATION")
_SPREAD = ladder("SPREAD-FINAL", "SPREAD-QUARTER")
_TOTAL = ladder("TOTAL-FINAL", "TOTAL-QUARTER")
_TEAM = ladder("TEAM-TOTAL-FINAL", "TEAM-TOTAL-QUARTER")
_PERIOD = ladder("PERIOD-SCORE")
REGULATION_MARKETS = frozenset({Market.MONEYLINE_3WAY, Market.DRAW_NO_BET, Market.DOUBLE_CHANCE})


def grade_score(leg: Leg, home: int, away: int, profile: RuleProfile) -> Outcome:
    """Grade by the score that counts for this leg. Raises InputError (field ``market``) when no score decides it."""
    fight = bool(leg.league) and catalogue().league(leg.league).sport.sport_id == "mma"
    if fight and leg.market is not Market.MONEYLINE:
        return _no_rule(leg, home, away, profile)  # a fight's score says who won, and nothing of rounds or a draw
    return _BY_MARKET[leg.market](leg, home, away, profile)


def counting_score(leg: Leg, result: GameResult) -> tuple[int, int]:
    """(home, away) that counts for the leg's market and period.

    Raises InputError (field ``period``) when the result does not say what happened in that period.
    """
    if leg.period == GAME:
        if result.regulation is None or not _ends_with_regulation(leg):
            return result.home, result.away
        return result.regulation
    if leg.period == REGULATION:
        return result.regulation or (result.home, result.away)
    span = catalogue().span(leg.league, leg.period)
    if len(result.periods) < span.last:
        raise InputError("period", leg.period, "has no score in this result")
    counted = result.periods[span.first - 1 : span.last]
    extra = result.overtime if span.overtime else (0, 0)
    return sum(home for home, _ in counted) + extra[0], sum(away for _, away in counted) + extra[1]


def total_bounds(leg: Leg, home: int, away: int) -> tuple[int | None, int | None]:
    """Bounds of the side's final difference to its line in quarter points, when both scores can only grow."""
    if leg.market is Market.TOTAL:
        low = 4 * (home + away) - leg.line_q
    elif leg.market is Market.TEAM_TOTAL:
        low = 4 * (home if leg.side in {Side.HOME_OVER, Side.HOME_UNDER} else away) - leg.line_q
    else:
        return None, None
    return (low, None) if leg.side in {Side.OVER, Side.HOME_OVER, Side.AWAY_OVER} else (None, -low)


def _ends_with_regulation(leg: Leg) -> bool:
    if leg.market in REGULATION_MARKETS:
        return True
    return bool(leg.league) and catalogue().league(leg.league).sport.regulation_only


def _steps(leg: Leg, whole_game: Ladder) -> Ladder:
    return whole_game if leg.period == GAME else _PERIOD


def _moneyline(leg: Leg, home: int, away: int, profile: RuleProfile) -> Outcome:
    margin = home - away if leg.side is Side.HOME else away - home
    if margin:
        return _steps(leg, _MONEYLINE)[4 if margin > 0 else 0]
    return _TIE_PUSH if profile.moneyline_tie is Tie.PUSH or leg.period != GAME else _TIE_LOSS


def _three_way(leg: Leg, home: int, away: int, profile: RuleProfile) -> Outcome:  # noqa: ARG001 - one signature
    won = {Side.HOME: home > away, Side.AWAY: away > home, Side.DRAW: home == away}[leg.side]
    return _steps(leg, _THREE_WAY)[4 if won else 0]


def _draw_no_bet(leg: Leg, home: int, away: int, profile: RuleProfile) -> Outcome:  # noqa: ARG001
    return rung(_steps(leg, _NO_BET), 4 * (home - away if leg.side is Side.HOME else away - home))


def _double_chance(leg: Leg, home: int, away: int, profile: RuleProfile) -> Outcome:  # noqa: ARG001
    lost = {Side.HOME_DRAW: away > home, Side.DRAW_AWAY: home > away, Side.HOME_AWAY: home == away}[leg.side]
    return _steps(leg, _DOUBLE)[0 if lost else 4]


def _spread(leg: Leg, home: int, away: int, profile: RuleProfile) -> Outcome:  # noqa: ARG001
    margin = home - away
    if leg.score_at_bet is not None:
        margin -= leg.score_at_bet[0] - leg.score_at_bet[1]
    if leg.side is Side.AWAY:
        margin = -margin
    return rung(_SPREAD if leg.period == GAME else _PERIOD, 4 * margin + leg.line_q)


def _total(leg: Leg, home: int, away: int, profile: RuleProfile) -> Outcome:  # noqa: ARG001
    over_q = 4 * (home + away) - leg.line_q
    return rung(_TOTAL if leg.period == GAME else _PERIOD, over_q if leg.side is Side.OVER else -over_q)


def _team_total(leg: Leg, home: int, away: int, profile: RuleProfile) -> Outcome:  # noqa: ARG001
    score = home if leg.side in {Side.HOME_OVER, Side.HOME_UNDER} else away
    over_q = 4 * score - leg.line_q
    return rung(_steps(leg, _TEAM), over_q if leg.side in {Side.HOME_OVER, Side.AWAY_OVER} else -over_q)


def _no_rule(leg: Leg, home: int, away: int, profile: RuleProfile) -> Outcome:  # noqa: ARG001
    raise InputError("market", str(leg.market), "is not decided by a score between two sides")


_BY_MARKET: dict[Market, Callable[[Leg, int, int, RuleProfile], Outcome]] = {
    Market.MONEYLINE: _moneyline,
    Market.MONEYLINE_3WAY: _three_way,
    Market.DRAW_NO_BET: _draw_no_bet,
    Market.DOUBLE_CHANCE: _double_chance,
    Market.SPREAD: _spread,
    Market.TOTAL: _total,
    Market.TEAM_TOTAL: _team_total,
    Market.PLAYER_PROP: _no_rule,
    Market.FUTURE: _no_rule,
    Market.SEASON_TOTAL: _no_rule,
    Market.MANUAL: _no_rule,
}

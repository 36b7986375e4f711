"""Player props: over and under, yes and no, and what counts as having played."""

from __future__ import annotations

from dbsbm.betting.catalogue import catalogue
from dbsbm.betting.games import is_official
from dbsbm.betting.legs import Leg
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.outcome import Outcome, ladder, reach, rung, void
from dbsbm.betting.profile import Participation, RuleProfile
from dbsbm.betting.results import PlayerResult, Status
from dbsbm.core.errors import InputError

_FINAL = ladder("PROP-FINAL")
_ONCE_Q = 2
"""Yes and no are over and under half of one."""


def grade_prop(leg: Leg, result: PlayerResult, profile: RuleProfile) -> Outcome:
    """Grade a prop: any participation is action, even if hurt at once, unless the profile asks for a start.

    Raises InputError (field ``market``) for another market.
    """
    if leg.market is not Market.PLAYER_PROP:
        raise InputError("market", str(leg.market), "is not decided by a player's statistic")
    if result.status in {Status.CANCELLED, Status.POSTPONED, Status.WALKOVER}:
        return void("PROP-GAME-VOID")
    played = result.started if profile.prop_participation is Participation.STARTS else result.participated
    if not played:
        return void("PROP-NO-ACTION")
    line_q = leg.line_q or (_ONCE_Q if leg.side in {Side.YES, Side.NO} else 0)
    past_q = result.value_q - line_q
    is_over = leg.side in {Side.OVER, Side.YES}
    if result.status is Status.FINAL or _stands(leg, result):
        return rung(_FINAL, past_q if is_over else -past_q)
    if not catalogue().stat(leg.stat).grows:
        return void("PROP-GAME-VOID")
    low_q, high_q = (past_q, None) if is_over else (None, -past_q)
    return reach(low_q, high_q, "PROP-DETERMINED", "PROP-GAME-VOID")


def _stands(leg: Leg, result: PlayerResult) -> bool:
    if result.course is None or not leg.league:
        return False
    return is_official(catalogue().league(leg.league), result.course)

"""Player props: participation, milestones, stopped games."""

from __future__ import annotations

import pytest

from dbsbm.betting.legs import Leg
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.outcome import Grade
from dbsbm.betting.profile import DEFAULT_PROFILE, Participation, RuleProfile
from dbsbm.betting.results import Course, PlayerResult, Status
from dbsbm.core.errors import InputError
from tests.unit.betting.build import EVEN, one, verdict


def _prop(
    side: Side,
    result: PlayerResult,
    profile: RuleProfile = DEFAULT_PROFILE,
    *,
    stat: str = "points",
    league: str = "NBA",
    line_q: int = 98,
) -> tuple[Grade, str]:
    return verdict(one(Market.PLAYER_PROP, side, result, profile, stat=stat, league=league, line_q=line_q))


def _touchdown(side: Side, result: PlayerResult) -> Grade:
    return _prop(side, result, stat="anytime_touchdown", league="NFL", line_q=0)[0]


def test_any_participation_is_action_even_hurt_at_once() -> None:
    hurt = PlayerResult(0)
    assert _prop(Side.OVER, hurt) == (Grade.LOST, "PROP-FINAL")
    assert _prop(Side.UNDER, hurt) == (Grade.WON, "PROP-FINAL")


def test_without_participation_there_is_no_action() -> None:
    assert _prop(Side.UNDER, PlayerResult(0, participated=False, started=False)) == (Grade.VOID, "PROP-NO-ACTION")


def test_a_profile_can_ask_for_a_start() -> None:
    off_the_bench = PlayerResult(120, started=False)
    assert _prop(Side.OVER, off_the_bench)[0] is Grade.WON
    starts = RuleProfile(prop_participation=Participation.STARTS)
    assert _prop(Side.OVER, off_the_bench, starts) == (Grade.VOID, "PROP-NO-ACTION")


def test_yes_and_no_are_over_and_under_a_half() -> None:
    scored, nothing = PlayerResult(4), PlayerResult(0)
    assert _touchdown(Side.YES, scored) is Grade.WON
    assert _touchdown(Side.YES, nothing) is Grade.LOST
    assert _touchdown(Side.NO, nothing) is Grade.WON


def test_a_stopped_game_decides_counts_that_only_grow() -> None:
    passed = PlayerResult(100, status=Status.SUSPENDED)
    assert _prop(Side.OVER, passed) == (Grade.WON, "PROP-DETERMINED")
    assert _prop(Side.UNDER, passed) == (Grade.LOST, "PROP-DETERMINED")
    assert _prop(Side.OVER, PlayerResult(80, status=Status.SUSPENDED))[1] == "PROP-GAME-VOID"


def test_yards_can_fall_so_a_stopped_game_decides_none() -> None:
    yards = PlayerResult(400, status=Status.SUSPENDED)
    assert _prop(Side.OVER, yards, stat="rushing_yards", league="NFL")[1] == "PROP-GAME-VOID"
    official = PlayerResult(400, status=Status.SUSPENDED, course=Course(minutes=56))
    assert _prop(Side.OVER, official, stat="rushing_yards", league="NFL") == (Grade.WON, "PROP-FINAL")


def test_half_sacks_count() -> None:
    assert _prop(Side.OVER, PlayerResult(6), stat="sacks", league="NFL", line_q=6)[0] is Grade.PUSH


@pytest.mark.parametrize("stat", ["", "yards", "points "])
def test_an_unknown_statistic_is_refused_by_name(stat: str) -> None:
    with pytest.raises(InputError) as refused:
        Leg(Market.PLAYER_PROP, Side.OVER, EVEN, 98, stat=stat)
    assert refused.value.field == "stat"

"""Games cut short, put off, restarted; periods; baseball; what the rule profile changes."""

from __future__ import annotations

import pytest

from dbsbm.betting.markets import Market, Side
from dbsbm.betting.outcome import Grade
from dbsbm.betting.profile import Mercy, Pitcher, RuleProfile, Tie, TotalEarly
from dbsbm.betting.results import Course, GameResult, Status
from dbsbm.core.errors import InputError
from tests.unit.betting.build import one, verdict

STOPPED = Status.SUSPENDED


@pytest.mark.parametrize(
    ("league", "minutes", "official"),
    [
        ("NFL", 55, True),
        ("NFL", 54, False),
        ("NBA", 43, True),
        ("NBA", 42, False),
        ("NHL", 55, True),
        ("WNBA", 35, True),
        ("NCAAB", 34, False),
        ("NCAAF", 55, True),
        ("EPL", 89, False),
    ],
)
def test_a_stopped_game_stands_from_the_leagues_minimum(league: str, minutes: int, official: bool) -> None:
    result = GameResult(20, 10, STOPPED, course=Course(minutes=minutes))
    wanted = (Grade.WON, "SUSPENDED-OFFICIAL") if official else (Grade.VOID, "SUSPENDED-VOID")
    assert verdict(one(Market.MONEYLINE, Side.HOME, result, league=league)) == wanted


@pytest.mark.parametrize(
    ("side", "line_q", "grade"),
    [
        (Side.OVER, 10, Grade.WON),
        (Side.UNDER, 10, Grade.LOST),
        (Side.OVER, 18, Grade.VOID),
        (Side.UNDER, 16, Grade.VOID),
        (Side.OVER, 15, Grade.HALF_WON),
        (Side.OVER, 17, Grade.VOID),
        (Side.OVER, 16, Grade.VOID),
    ],
)
def test_a_total_already_decided_stands(side: Side, line_q: int, grade: Grade) -> None:
    """Four goals when it stopped: over 3.75 has won its half on 3.5; the one on 4 is still open."""
    assert one(Market.TOTAL, side, GameResult(3, 1, STOPPED), league="EPL", line_q=line_q).grade is grade


def test_a_quarter_total_can_be_half_decided() -> None:
    settled = one(Market.TOTAL, Side.OVER, GameResult(3, 0, STOPPED), league="EPL", line_q=11)
    assert verdict(settled) == (Grade.HALF_WON, "SUSPENDED-DETERMINED")
    settled = one(Market.TOTAL, Side.UNDER, GameResult(3, 0, STOPPED), league="EPL", line_q=11)
    assert verdict(settled) == (Grade.HALF_LOST, "SUSPENDED-DETERMINED")


def test_a_team_total_is_decided_by_its_team_alone() -> None:
    result = GameResult(3, 0, STOPPED)
    assert one(Market.TEAM_TOTAL, Side.HOME_OVER, result, league="EPL", line_q=10).grade is Grade.WON
    assert one(Market.TEAM_TOTAL, Side.AWAY_OVER, result, league="EPL", line_q=2).grade is Grade.VOID


def test_a_completed_period_stands_when_the_game_stops() -> None:
    result = GameResult(2, 1, STOPPED, periods=((2, 0), (0, 1)))
    assert verdict(one(Market.TOTAL, Side.OVER, result, league="EPL", period="1h", line_q=6)) == (
        Grade.WON,
        "PERIOD-SCORE",
    )
    second = one(Market.TOTAL, Side.OVER, result, league="EPL", period="2h", line_q=2)
    assert verdict(second) == (Grade.WON, "SUSPENDED-DETERMINED")
    assert one(Market.MONEYLINE, Side.AWAY, result, league="EPL", period="2h").rule == "PERIOD-INCOMPLETE"


def test_second_half_includes_overtime_and_fourth_quarter_does_not() -> None:
    result = GameResult(30, 24, periods=((7, 7), (7, 7), (3, 3), (7, 7)), overtime=(6, 0))
    assert one(Market.TOTAL, Side.OVER, result, league="NFL", period="2h", line_q=102).grade is Grade.WON
    assert one(Market.TOTAL, Side.OVER, result, league="NFL", period="4q", line_q=58).grade is Grade.LOST
    assert one(Market.SPREAD, Side.HOME, result, league="NFL", period="4q").grade is Grade.PUSH
    assert one(Market.MONEYLINE, Side.HOME, result, league="NFL", period="1h").grade is Grade.PUSH


def test_soccer_ends_with_normal_time_and_hockey_three_ways_too() -> None:
    cup = GameResult(2, 1, regulation=(1, 1))
    assert one(Market.TOTAL, Side.OVER, cup, league="EPL", line_q=10).grade is Grade.LOST
    assert one(Market.MONEYLINE_3WAY, Side.DRAW, cup, league="NHL").grade is Grade.WON
    assert one(Market.TOTAL, Side.OVER, cup, league="NHL", line_q=10).grade is Grade.WON
    assert one(Market.MONEYLINE, Side.HOME, cup, league="NHL", period="reg").grade is Grade.PUSH


def test_a_live_handicap_counts_from_the_score_at_the_bet() -> None:
    settled = one(Market.SPREAD, Side.HOME, GameResult(2, 1), league="EPL", line_q=-1, score_at_bet=(1, 0))
    assert settled.grade is Grade.HALF_LOST


@pytest.mark.parametrize(("hours", "league", "rule"), [(25, "EPL", "RESUMED-LATE"), (24, "EPL", "3WAY-REGULATION")])
def test_a_game_finished_outside_the_window_is_no_action(hours: int, league: str, rule: str) -> None:
    result = GameResult(1, 0, course=Course(delay_h=hours))
    assert one(Market.MONEYLINE_3WAY, Side.HOME, result, league=league).rule == rule


def test_the_window_is_the_profiles() -> None:
    result = GameResult(1, 0, course=Course(delay_h=40))
    wide = RuleProfile(resume_window_h=48)
    assert one(Market.MONEYLINE_3WAY, Side.HOME, result, wide, league="EPL").grade is Grade.WON


def test_a_restart_from_nought_is_no_action_unless_the_profile_says_so() -> None:
    result = GameResult(1, 0, course=Course(restarted=True))
    assert one(Market.MONEYLINE_3WAY, Side.HOME, result, league="EPL").rule == "GAME-RESTARTED"
    stands = RuleProfile(restart_is_no_action=False)
    assert one(Market.MONEYLINE_3WAY, Side.HOME, result, stands, league="EPL").grade is Grade.WON


def test_a_postponed_game_waits_inside_its_window() -> None:
    with pytest.raises(InputError) as refused:
        one(Market.SPREAD, Side.HOME, GameResult(0, 0, Status.POSTPONED, course=Course(delay_h=20)), league="EPL")
    assert refused.value.field == "status"
    assert one(Market.SPREAD, Side.HOME, GameResult(0, 0, Status.POSTPONED), league="EPL").rule == "GAME-POSTPONED"


def test_a_tie_pushes_or_loses_by_profile() -> None:
    tie = GameResult(20, 20)
    assert verdict(one(Market.MONEYLINE, Side.HOME, tie)) == (Grade.PUSH, "ML-TIE-PUSH")
    assert verdict(one(Market.MONEYLINE, Side.HOME, tie, RuleProfile(moneyline_tie=Tie.LOSS))) == (
        Grade.LOST,
        "ML-TIE-LOSS",
    )


def _innings(half: int, home: int, away: int, **course: object) -> GameResult:
    return GameResult(home, away, course=Course(half_innings=half, **course))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("half", "home", "away", "grade"),
    [(10, 3, 4, Grade.LOST), (9, 4, 3, Grade.WON), (9, 3, 4, Grade.VOID), (8, 9, 0, Grade.VOID), (18, 1, 0, Grade.WON)],
)
def test_a_baseball_moneyline_needs_five_innings(half: int, home: int, away: int, grade: Grade) -> None:
    assert one(Market.MONEYLINE, Side.HOME, _innings(half, home, away), league="MLB").grade is grade


def test_a_run_line_needs_the_whole_game() -> None:
    assert one(Market.SPREAD, Side.HOME, _innings(16, 9, 0), league="MLB", line_q=-6).rule == "MLB-RL-9INN"
    assert one(Market.SPREAD, Side.HOME, _innings(17, 9, 0), league="MLB", line_q=-6).grade is Grade.WON
    seven = _innings(13, 9, 0, scheduled_innings=7)
    assert one(Market.SPREAD, Side.HOME, seven, league="MLB", line_q=-6).grade is Grade.WON


def test_a_total_passed_early_stands_or_not_by_profile() -> None:
    result = _innings(14, 6, 4)
    assert one(Market.TOTAL, Side.OVER, result, league="MLB", line_q=34).rule == "MLB-TOTAL-DETERMINED"
    strict = RuleProfile(mlb_total_early=TotalEarly.VOID)
    assert one(Market.TOTAL, Side.OVER, result, strict, league="MLB", line_q=34).rule == "MLB-TOTAL-9INN"
    assert one(Market.TOTAL, Side.OVER, result, league="MLB", line_q=42).grade is Grade.VOID


def test_a_suspended_moneyline_goes_back_to_the_last_full_inning() -> None:
    innings = ((1, 0), (0, 0), (0, 0), (0, 0), (0, 0), (0, 3))
    ahead_in_the_top = GameResult(1, 3, STOPPED, periods=innings, course=Course(half_innings=11))
    assert one(Market.MONEYLINE, Side.HOME, ahead_in_the_top, league="MLB").grade is Grade.WON
    tied = (*innings[:-1], (2, 3))
    level = GameResult(3, 3, STOPPED, periods=tied, course=Course(half_innings=11))
    assert one(Market.MONEYLINE, Side.HOME, level, league="MLB").grade is Grade.PUSH


def test_a_mercy_rule_ends_run_lines_by_profile() -> None:
    result = GameResult(12, 1, course=Course(mercy=True))
    assert one(Market.SPREAD, Side.HOME, result, league="MLB", line_q=-6).rule == "MLB-MERCY-VOID"
    assert one(Market.MONEYLINE, Side.HOME, result, league="MLB").grade is Grade.WON
    stand = RuleProfile(mlb_mercy=Mercy.STAND)
    assert one(Market.SPREAD, Side.HOME, result, stand, league="MLB", line_q=-6).grade is Grade.WON


@pytest.mark.parametrize(
    ("rule", "starters", "void"),
    [
        (Pitcher.ACTION, ("x", "y"), False),
        (Pitcher.LISTED_BOTH, ("a", "y"), True),
        (Pitcher.LISTED_ONE, ("a", "y"), False),
        (Pitcher.LISTED_BOTH, ("a", "b"), False),
        (Pitcher.LISTED_ONE, ("x", "b"), True),
    ],
)
def test_listed_pitchers(rule: Pitcher, starters: tuple[str, ...], void: bool) -> None:
    result = GameResult(5, 2, course=Course(starters=starters))
    settled = one(Market.MONEYLINE, Side.HOME, result, RuleProfile(pitcher=rule), league="MLB", listed=("a", "b"))
    assert verdict(settled) == ((Grade.VOID, "MLB-LISTED-PITCHER") if void else (Grade.WON, "ML-FINAL"))


def test_five_innings_alone_are_decided_after_five() -> None:
    innings = ((1, 0),) * 5
    result = GameResult(5, 0, STOPPED, periods=innings, course=Course(half_innings=10))
    assert one(Market.TOTAL, Side.OVER, result, league="MLB", period="f5", line_q=18).grade is Grade.WON
    early = GameResult(4, 0, STOPPED, periods=innings[:4], course=Course(half_innings=8))
    assert one(Market.MONEYLINE, Side.HOME, early, league="MLB", period="f5").rule == "PERIOD-INCOMPLETE"

"""Tennis: retirement families, and what a stopped match had already decided, against brute force."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbsbm.betting.grading import grade_leg
from dbsbm.betting.legs import Leg
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.outcome import Grade
from dbsbm.betting.profile import DEFAULT_PROFILE, RuleProfile, TennisDerived, TennisRetirement
from dbsbm.betting.results import Status, TennisResult
from dbsbm.core.errors import InputError
from tests.unit.betting.build import EVEN, one

SET_SCORES = [(6, n) for n in range(5)] + [(n, 6) for n in range(5)] + [(7, 5), (5, 7), (7, 6), (6, 7)]


@pytest.mark.parametrize(
    ("family", "sets", "winner_bet", "loser_bet"),
    [
        (TennisRetirement.ONE_SET, ((0, 6), (0, 2)), Grade.WON, Grade.LOST),
        (TennisRetirement.ONE_SET, ((2, 0),), Grade.VOID, Grade.VOID),
        (TennisRetirement.FULL, ((6, 0), (5, 0)), Grade.VOID, Grade.VOID),
        (TennisRetirement.ONE_BALL, ((0, 0),), Grade.WON, Grade.LOST),
        (TennisRetirement.LOSER_VOID, ((6, 0), (5, 0)), Grade.WON, Grade.VOID),
        (TennisRetirement.LOSER_VOID, ((5, 0),), Grade.VOID, Grade.VOID),
    ],
)
def test_the_four_families_of_retirement(
    family: TennisRetirement, sets: tuple[tuple[int, int], ...], winner_bet: Grade, loser_bet: Grade
) -> None:
    result = TennisResult(sets, Side.HOME, Status.RETIRED)
    profile = RuleProfile(tennis_retirement=family)
    assert one(Market.MONEYLINE, Side.HOME, result, profile, league="ATP").grade is winner_bet
    assert one(Market.MONEYLINE, Side.AWAY, result, profile, league="ATP").grade is loser_bet


def test_games_of_a_retirement_are_void_by_profile_even_when_decided() -> None:
    result = TennisResult(((6, 2), (4, 6)), Side.HOME, Status.RETIRED)
    assert one(Market.TOTAL, Side.OVER, result, league="ATP", line_q=94).rule == "TENNIS-DETERMINED"
    strict = RuleProfile(tennis_derived=TennisDerived.VOID)
    assert one(Market.TOTAL, Side.OVER, result, strict, league="ATP", line_q=94).rule == "TENNIS-RET-VOID"


def test_a_walkover_is_no_action() -> None:
    result = TennisResult((), Side.HOME, Status.WALKOVER)
    assert one(Market.MONEYLINE, Side.HOME, result, league="ATP").rule == "TENNIS-WALKOVER"


def test_sets_and_games_are_different_lines() -> None:
    result = TennisResult(((7, 6), (4, 6), (7, 6)), Side.HOME)
    assert one(Market.SPREAD, Side.HOME, result, league="ATP", line_q=-6, period="sets").grade is Grade.LOST
    assert one(Market.TOTAL, Side.OVER, result, league="ATP", line_q=10, period="sets").grade is Grade.WON
    assert one(Market.SPREAD, Side.AWAY, result, league="ATP", line_q=2).grade is Grade.WON
    assert one(Market.TEAM_TOTAL, Side.HOME_OVER, result, league="ATP", line_q=72).grade is Grade.PUSH
    assert one(Market.MONEYLINE, Side.AWAY, result, league="ATP", period="set2").grade is Grade.WON


def test_a_match_tiebreak_is_one_set_and_one_game() -> None:
    result = TennisResult(((6, 4), (4, 6), (1, 0)), Side.HOME, deciding_tiebreak=True)
    assert one(Market.TOTAL, Side.OVER, result, league="ATP", line_q=84).grade is Grade.PUSH
    assert one(Market.TOTAL, Side.OVER, result, league="ATP", line_q=10, period="sets").grade is Grade.WON


@pytest.mark.parametrize(("sets", "best_of"), [(((6, 4),) * 4, 3), (((-1, 0),), 3), ((), 4)])
def test_what_is_no_score_is_refused(sets: tuple[tuple[int, int], ...], best_of: int) -> None:
    with pytest.raises(InputError) as refused:
        TennisResult(sets, None, best_of=best_of)
    assert refused.value.field == "score"


def _continuations(sets: list[tuple[int, int]], current: tuple[int, int], needed: int) -> Iterator[tuple[int, int]]:
    """(home games, away games) of every way the match can end."""
    won = (sum(a > b for a, b in sets), sum(b > a for a, b in sets))
    if needed in won:
        yield sum(a for a, _ in sets), sum(b for _, b in sets)
        return
    for end in SET_SCORES:
        if end[0] >= current[0] and end[1] >= current[1]:
            yield from _continuations([*sets, end], (0, 0), needed)


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from(SET_SCORES), max_size=1),
    st.tuples(st.integers(0, 5), st.integers(0, 5)),
    st.sampled_from((Market.TOTAL, Market.SPREAD, Market.TEAM_TOTAL)),
    st.integers(-60, 160),
    st.booleans(),
)
def test_decided_means_every_continuation_agrees(
    sets: list[tuple[int, int]], current: tuple[int, int], market: Market, odd_line: int, first: bool
) -> None:
    line_q = 2 * (odd_line // 2) if market is Market.SPREAD else 2 * (abs(odd_line) // 2)
    sides = {
        Market.TOTAL: (Side.OVER, Side.UNDER),
        Market.SPREAD: (Side.HOME, Side.AWAY),
        Market.TEAM_TOTAL: (Side.HOME_OVER, Side.AWAY_UNDER),
    }[market]
    leg = Leg(market, sides[0 if first else 1], EVEN, line_q, "ATP")
    stopped = TennisResult((*sets, current), Side.HOME, Status.RETIRED)
    ends = set(_continuations(list(sets), current, 2))
    agreed = {_textbook(leg, home, away) for home, away in ends}
    grade = grade_leg(leg, stopped, DEFAULT_PROFILE).grade
    assert grade is (agreed.pop() if len(agreed) == 1 else Grade.VOID)


def _textbook(leg: Leg, home: int, away: int) -> Grade:
    value = {
        Side.OVER: 4 * (home + away) - leg.line_q,
        Side.UNDER: leg.line_q - 4 * (home + away),
        Side.HOME: 4 * (home - away) + leg.line_q,
        Side.AWAY: 4 * (away - home) + leg.line_q,
        Side.HOME_OVER: 4 * home - leg.line_q,
        Side.AWAY_UNDER: leg.line_q - 4 * away,
    }[leg.side]
    return Grade.WON if value > 0 else Grade.LOST if value < 0 else Grade.PUSH

"""Whatever is wrong with a bet or a result, the error is typed and names the field."""

from __future__ import annotations

from typing import Any

import pytest

from dbsbm.betting.grading import grade_leg
from dbsbm.betting.legs import Leg
from dbsbm.betting.markets import Market, Side, format_line, parse_line
from dbsbm.betting.profile import DEFAULT_PROFILE, Pitcher, RuleProfile
from dbsbm.betting.results import (
    Course,
    GameResult,
    OutrightResult,
    PlayerResult,
    SeasonResult,
    Status,
    TennisResult,
)
from dbsbm.betting.rules import explain
from dbsbm.betting.settlement import settle
from dbsbm.betting.tickets import EachWay, Parlay, product_odds
from dbsbm.core.errors import InputError
from tests.unit.betting.build import EVEN, MINUS_110, one, risk

FINAL = GameResult(1, 0)


@pytest.mark.parametrize("text", ["", "abc", "nan", "1e400", "-3.3", "99999999", "--3", "3,5", "+"])
def test_what_is_no_line_is_refused(text: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_line(text)
    assert refused.value.field == "line"


@pytest.mark.parametrize(
    ("text", "line_q", "shown"), [("-3.5", -14, "-3.5"), ("+0.25", 1, "+0.25"), ("pk", 0, "PK"), ("2½", 10, "+2.5")]
)
def test_a_line_is_quarter_points(text: str, line_q: int, shown: str) -> None:
    assert parse_line(text) == line_q
    assert format_line(line_q) == shown


@pytest.mark.parametrize("score", [(-1, 0), (float("nan"), 0), (float("inf"), 0), (1.5, 0), (True, 0), ("3", 0)])
def test_a_score_is_two_whole_numbers(score: tuple[Any, Any]) -> None:
    with pytest.raises(InputError) as refused:
        GameResult(*score)
    assert refused.value.field == "score"


@pytest.mark.parametrize(
    ("field", "make"),
    [
        ("side", lambda: Leg(Market.TOTAL, Side.HOME, EVEN)),
        ("line", lambda: Leg(Market.MONEYLINE, Side.HOME, EVEN, 4)),
        ("line", lambda: Leg(Market.SPREAD, Side.HOME, EVEN, 10**9)),
        ("period", lambda: one(Market.TOTAL, Side.OVER, FINAL, league="NFL", period="9q")),
        ("period", lambda: one(Market.TOTAL, Side.OVER, FINAL, league="NFL", period="1h")),
        ("league", lambda: one(Market.TOTAL, Side.OVER, FINAL, league="XFL", period="1h")),
        ("market", lambda: one(Market.MANUAL, Side.YES, FINAL)),
        ("market", lambda: one(Market.FUTURE, Side.YES, FINAL)),
        ("market", lambda: one(Market.SPREAD, Side.HOME, PlayerResult(4))),
        ("market", lambda: one(Market.SPREAD, Side.HOME, OutrightResult((1, 1)))),
        ("market", lambda: one(Market.SPREAD, Side.HOME, SeasonResult(1, 1, 1))),
        ("market", lambda: one(Market.DOUBLE_CHANCE, Side.HOME_DRAW, TennisResult(((6, 0), (6, 0)), Side.HOME))),
        ("period", lambda: one(Market.TOTAL, Side.OVER, TennisResult(((6, 0),), None), period="set9")),
        ("winner", lambda: one(Market.MONEYLINE, Side.HOME, TennisResult(((6, 0),), None))),
        ("winner", lambda: TennisResult((), Side.DRAW)),
        ("season", lambda: SeasonResult(1, 1, 0)),
        ("win_share", lambda: OutrightResult((2, 1))),
        ("deduction", lambda: OutrightResult((1, 1), deduction=(1, 1))),
        ("place_terms", lambda: EachWay(Leg(Market.FUTURE, Side.YES, EVEN), 1, (0, 1))),
        ("market", lambda: EachWay(Leg(Market.FUTURE, Side.NO, EVEN), 1, (1, 5))),
        ("starters", lambda: _listed(FINAL)),
        ("rule", lambda: explain("NO-SUCH-RULE")),
        ("result", lambda: grade_leg(Leg(Market.SPREAD, Side.HOME, EVEN), object(), DEFAULT_PROFILE)),  # type: ignore[arg-type]
    ],
)
def test_the_error_names_the_field(field: str, make: Any) -> None:
    with pytest.raises(InputError) as refused:
        make()
    assert refused.value.field == field


def test_a_ticket_needs_one_result_per_leg() -> None:
    legs = tuple(Leg(Market.MONEYLINE, Side.HOME, MINUS_110, game_id=number) for number in (1, 2))
    odds = product_odds(legs)
    with pytest.raises(InputError) as refused:
        settle(Parlay(legs, risk(1, odds), odds), (FINAL,), DEFAULT_PROFILE)
    assert refused.value.field == "results"


def _listed(result: GameResult) -> object:

    unknown = GameResult(result.home, result.away, Status.FINAL, course=Course())
    return one(
        Market.MONEYLINE, Side.HOME, unknown, RuleProfile(pitcher=Pitcher.LISTED_BOTH), league="MLB", listed=("a", "b")
    )


def test_a_profile_survives_its_json_and_refuses_others() -> None:
    assert RuleProfile.from_json(DEFAULT_PROFILE.to_json()) == DEFAULT_PROFILE
    assert RuleProfile.from_json({}) == DEFAULT_PROFILE
    for wrong in ({"pitcher": "both"}, {"resume_window_h": "24"}, {"resume_window_h": -1}, {"version": 9}, {"x": 1}):
        with pytest.raises(InputError) as refused:
            RuleProfile.from_json(wrong)
        assert refused.value.field == next(iter(wrong))
    with pytest.raises(InputError):
        RuleProfile.from_json({"restart_is_no_action": 1})

"""What must hold whatever the bet: mirrors, halves, equivalent markets, conservation."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from math import prod

from hypothesis import given
from hypothesis import strategies as st

from dbsbm.betting.grading import grade_leg
from dbsbm.betting.legs import Leg, Straight
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds
from dbsbm.betting.outcome import Grade, Outcome, reach
from dbsbm.betting.profile import DEFAULT_PROFILE
from dbsbm.betting.results import GameResult
from dbsbm.betting.settlement import settle
from dbsbm.betting.stakes import Stake, StakeMode
from dbsbm.betting.tickets import Parlay, RoundRobin, product_odds
from tests.unit.betting.build import EVEN, amounts, game_results, graded_legs, lines_q, prices

_MIRROR = {
    Grade.WON: Grade.LOST,
    Grade.LOST: Grade.WON,
    Grade.HALF_WON: Grade.HALF_LOST,
    Grade.HALF_LOST: Grade.HALF_WON,
    Grade.PUSH: Grade.PUSH,
    Grade.VOID: Grade.VOID,
}
ticket_legs = st.lists(st.integers(), min_size=2, max_size=6).flatmap(
    lambda some: st.tuples(*(graded_legs(number) for number in range(1, len(some) + 1)))
)


def _grade(market: Market, side: Side, line_q: int, result: GameResult) -> Grade:
    return grade_leg(Leg(market, side, EVEN, line_q), result, DEFAULT_PROFILE).grade


def _factor(leg: Leg, outcome: Outcome) -> Fraction:
    assert leg.odds is not None
    return Fraction(outcome.win, outcome.of) * leg.odds.price + Fraction(outcome.push, outcome.of)


@given(lines_q, game_results)
def test_home_and_away_mirror(line_q: int, result: GameResult) -> None:
    home = _grade(Market.SPREAD, Side.HOME, line_q, result)
    assert _grade(Market.SPREAD, Side.AWAY, -line_q, result) is _MIRROR[home]
    turned = GameResult(result.away, result.home)
    assert _grade(Market.SPREAD, Side.AWAY, line_q, turned) is home


@given(st.integers(0, 400), game_results)
def test_over_and_under_mirror(line_q: int, result: GameResult) -> None:
    over = _grade(Market.TOTAL, Side.OVER, line_q, result)
    assert _grade(Market.TOTAL, Side.UNDER, line_q, result) is _MIRROR[over]


@given(st.integers(-40, 40).map(lambda odd: 2 * odd + 1), game_results, prices)
def test_a_quarter_line_is_the_sum_of_its_halves(line_q: int, result: GameResult, odds: Odds) -> None:
    whole = Leg(Market.SPREAD, Side.HOME, odds, line_q)
    halves = [Leg(Market.SPREAD, Side.HOME, odds, line_q + shift) for shift in (-1, 1)]
    factors = [_factor(leg, grade_leg(leg, result, DEFAULT_PROFILE)) for leg in (whole, *halves)]
    assert factors[0] == (factors[1] + factors[2]) / 2


@given(st.sampled_from((Side.HOME, Side.AWAY)), game_results)
def test_draw_no_bet_is_handicap_nought(side: Side, result: GameResult) -> None:
    assert _grade(Market.DRAW_NO_BET, side, 0, result) is _grade(Market.SPREAD, side, 0, result)


@given(game_results)
def test_double_chance_is_all_but_the_third_result(result: GameResult) -> None:
    third = {Side.HOME_DRAW: Side.AWAY, Side.DRAW_AWAY: Side.HOME, Side.HOME_AWAY: Side.DRAW}
    for side, other in third.items():
        single = _grade(Market.MONEYLINE_3WAY, other, 0, result)
        assert _grade(Market.DOUBLE_CHANCE, side, 0, result) is _MIRROR[single]


@given(game_results)
def test_exactly_one_of_three_ways_wins(result: GameResult) -> None:
    grades = [_grade(Market.MONEYLINE_3WAY, side, 0, result) for side in (Side.HOME, Side.DRAW, Side.AWAY)]
    assert sorted(grades) == [Grade.LOST, Grade.LOST, Grade.WON]


def _parlay(legs: tuple[Leg, ...], micro: int, mode: StakeMode) -> Parlay:
    odds = product_odds(legs)
    return Parlay(legs, Stake(mode, micro, round(micro * (odds.price - 1))), odds)


@given(ticket_legs, amounts)
def test_a_parlay_returns_the_product_of_its_factors(drawn: tuple[tuple[Leg, GameResult], ...], micro: int) -> None:
    legs, results = tuple(leg for leg, _ in drawn), [result for _, result in drawn]
    settled = settle(_parlay(legs, micro, StakeMode.RISK), results, DEFAULT_PROFILE)
    exact = micro * prod(_factor(leg, grade_leg(leg, result, DEFAULT_PROFILE)) for leg, result in drawn)
    assert settled.profit_micro == round(exact - micro)
    assert settled.return_micro == settled.profit_micro + micro


@given(ticket_legs, amounts)
def test_a_parlay_with_a_push_is_the_parlay_without_it(drawn: tuple[tuple[Leg, GameResult], ...], micro: int) -> None:
    pushed = (Leg(Market.SPREAD, Side.HOME, EVEN, 0, game_id=99), GameResult(1, 1))
    without = settle(
        _parlay(tuple(leg for leg, _ in drawn), micro, StakeMode.RISK), [result for _, result in drawn], DEFAULT_PROFILE
    )
    more = (*drawn, pushed)
    with_push = settle(
        _parlay(tuple(leg for leg, _ in more), micro, StakeMode.RISK), [result for _, result in more], DEFAULT_PROFILE
    )
    assert with_push.return_micro == without.return_micro
    assert with_push.grade is without.grade or without.grade is Grade.VOID


@given(graded_legs(1), amounts)
def test_two_legs_with_a_push_are_a_straight_bet(drawn: tuple[Leg, GameResult], micro: int) -> None:
    leg, result = drawn
    assert leg.odds is not None
    stake = Stake(StakeMode.RISK, micro, round(micro * (leg.odds.price - 1)))
    alone = settle(Straight(leg, stake), result, DEFAULT_PROFILE)
    pushed = Leg(Market.SPREAD, Side.HOME, EVEN, 0, game_id=99)
    both = settle(_parlay((leg, pushed), micro, StakeMode.RISK), (result, GameResult(2, 2)), DEFAULT_PROFILE)
    assert both.return_micro == alone.return_micro
    assert both.grade is alone.grade or alone.grade is Grade.VOID


@given(ticket_legs, st.randoms(use_true_random=False), amounts)
def test_the_order_of_legs_changes_nothing(
    drawn: tuple[tuple[Leg, GameResult], ...], chance: object, micro: int
) -> None:
    shuffled = list(drawn)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    settled = [
        settle(_parlay(tuple(leg for leg, _ in each), micro, StakeMode.RISK), [r for _, r in each], DEFAULT_PROFILE)
        for each in (drawn, shuffled)
    ]
    assert settled[0] == settled[1]


@given(ticket_legs, st.integers(1, 10**9), st.data())
def test_a_round_robin_is_the_sum_of_its_parlays(
    drawn: tuple[tuple[Leg, GameResult], ...], micro: int, data: st.DataObject
) -> None:
    sizes = data.draw(st.sets(st.integers(1, len(drawn)), min_size=1))
    bet = RoundRobin(tuple(leg for leg, _ in drawn), tuple(sizes), micro)
    factors = [_factor(leg, grade_leg(leg, result, DEFAULT_PROFILE)) for leg, result in drawn]
    parlays = [part for size in sizes for part in combinations(factors, size)]
    settled = settle(bet, [result for _, result in drawn], DEFAULT_PROFILE)
    assert bet.parlays == len(parlays)
    exact = micro * sum((prod(part) - 1 for part in parlays), start=Fraction(0))
    assert settled.profit_micro == round(exact)
    assert settled.return_micro == settled.profit_micro + micro * len(parlays)


@given(st.lists(st.tuples(graded_legs(1), amounts, st.sampled_from(StakeMode)), max_size=30))
def test_profit_is_return_less_stake_in_sum(
    drawn: list[tuple[tuple[Leg, GameResult], int, StakeMode]],
) -> None:
    risk = returned = profit = 0
    for (leg, result), amount, mode in drawn:
        assert leg.odds is not None
        stake = Stake.of(mode, amount, leg.odds)
        settled = settle(Straight(leg, stake), result, DEFAULT_PROFILE)
        risk += stake.risk_micro
        returned += settled.return_micro
        profit += settled.profit_micro
    assert profit == returned - risk


@given(st.integers(-60, 60), st.integers(0, 60))
def test_what_reach_decides_every_continuation_decides_alike(low_q: int, more: int) -> None:
    """Against brute force: the settled parts are those that all reachable finals agree on."""
    step = 4
    finals = range(low_q, low_q + step * more + 1, step)
    settled = reach(low_q, finals[-1], "decided", "open")
    halves = (-1, 1) if low_q % 2 else (0,)
    win = sum(all(final + half > 0 for final in finals) for half in halves)
    lost = sum(all(final + half < 0 for final in finals) for half in halves)
    assert Fraction(settled.win, settled.of) == Fraction(win, len(halves))
    assert Fraction(settled.of - settled.win - settled.push, settled.of) == Fraction(lost, len(halves))

"""Parlays, same-game parlays, teasers, each-way, live state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

from dbsbm.betting.catalogue import catalogue
from dbsbm.betting.legs import Leg, Straight
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds
from dbsbm.betting.outcome import Grade
from dbsbm.betting.profile import DEFAULT_PROFILE, FutureNonStarter, RuleProfile, SameGameVoid, TeaserPush
from dbsbm.betting.results import GameResult, OutrightResult, SeasonResult, Status
from dbsbm.betting.settlement import settle
from dbsbm.betting.stakes import MICRO, Stake, StakeMode
from dbsbm.betting.ticket_state import Life, ticket_state
from dbsbm.betting.tickets import (
    EachWay,
    Parlay,
    RepriceNeededError,
    RoundRobin,
    Teaser,
    product_odds,
    teased,
    teaser_stake,
)
from dbsbm.core.errors import InputError
from tests.unit.betting.build import MINUS_110, one, risk, verdict

WON, LOST, TIED = GameResult(1, 0), GameResult(0, 1), GameResult(1, 1)
VOIDED = GameResult(0, 0, Status.CANCELLED)


def _legs(count: int, odds: Odds | None = MINUS_110, *, game_id: int | None = None) -> tuple[Leg, ...]:
    periods = ("game", "1h", "2h", "1q", "2q")
    return tuple(
        Leg(
            Market.MONEYLINE,
            Side.HOME,
            odds,
            0,
            "NFL",
            "game" if game_id is None else periods[number],
            game_id or number + 1,
        )
        for number in range(count)
    )


def _parlay(count: int, **fields: object) -> Parlay:
    legs = _legs(count)
    odds = product_odds(legs)
    return Parlay(legs, risk(1, odds), odds, **fields)  # type: ignore[arg-type]


def test_a_typed_ticket_price_pays_when_every_leg_wins_and_legs_reprice_when_not() -> None:
    legs = _legs(3)
    boosted = Odds.parse("+700")
    bet = Parlay(legs, risk(1, boosted), boosted)
    assert settle(bet, (WON, WON, WON), DEFAULT_PROFILE).profit_micro == 7 * MICRO
    settled = settle(bet, (WON, WON, VOIDED), DEFAULT_PROFILE)
    assert (settled.rule, settled.return_micro) == ("PARLAY-REPRICED", round(MICRO * Fraction(441, 121)))


def test_a_to_win_parlay_pays_exactly_its_to_win() -> None:
    legs = _legs(4)
    odds = product_odds(legs)
    bet = Parlay(legs, Stake.of(StakeMode.TO_WIN, 5 * MICRO, odds), odds)
    assert settle(bet, (WON,) * 4, DEFAULT_PROFILE).profit_micro == 5 * MICRO


def test_all_void_is_void_and_all_pushed_is_a_push() -> None:
    assert verdict(settle(_parlay(2), (VOIDED, VOIDED), DEFAULT_PROFILE)) == (Grade.VOID, "PARLAY-VOID")
    assert verdict(settle(_parlay(2), (TIED, VOIDED), DEFAULT_PROFILE)) == (Grade.PUSH, "PARLAY-PUSH")


def test_a_lost_leg_decides_before_the_others_are_played() -> None:
    assert settle(_parlay(3), (None, LOST, None), DEFAULT_PROFILE).grade is Grade.LOST
    with pytest.raises(InputError) as refused:
        settle(_parlay(3), (WON, None, WON), DEFAULT_PROFILE)
    assert refused.value.field == "results"


def test_a_leg_without_a_price_needs_a_decision_only_when_it_matters() -> None:
    odds = Odds.parse("+1100")
    bet = Parlay(_legs(3, None), risk(1, odds), odds)
    assert settle(bet, (WON, WON, WON), DEFAULT_PROFILE).profit_micro == 11 * MICRO
    with pytest.raises(RepriceNeededError):
        settle(bet, (WON, WON, VOIDED), DEFAULT_PROFILE)
    decided = Parlay(bet.legs, bet.stake, odds, repriced=Odds.parse("+260"))
    assert verdict(settle(decided, (WON, WON, VOIDED), DEFAULT_PROFILE)) == (Grade.WON, "PARLAY-DECISION")


def test_same_game_policies() -> None:
    odds = Odds.parse("+450")
    legs = _legs(2, None, game_id=7)
    bet = Parlay(legs, risk(1, odds), odds, same_game=True)
    half = ((0, 0), (0, 0), (1, 0), (0, 0))
    tied_first_half = GameResult(1, 0, periods=half)
    results = (tied_first_half, tied_first_half)
    assert verdict(settle(bet, results, DEFAULT_PROFILE)) == (Grade.VOID, "SGP-VOID-TICKET")
    with pytest.raises(RepriceNeededError):
        settle(bet, results, RuleProfile(same_game_void=SameGameVoid.REPRICE_MANUAL))
    lost = GameResult(0, 1, periods=half)
    assert settle(bet, (lost, lost), DEFAULT_PROFILE).grade is Grade.LOST


def test_two_legs_of_one_game_need_the_flag() -> None:
    odds = Odds.parse("+450")
    with pytest.raises(InputError) as refused:
        Parlay(_legs(2, game_id=7), risk(1, odds), odds)
    assert refused.value.field == "same_game"


@pytest.mark.parametrize("count", [0, 1, 16, 40])
def test_a_ticket_has_two_to_fifteen_legs(count: int) -> None:
    odds = Odds.parse("+450")
    legs = tuple(Leg(Market.MONEYLINE, Side.HOME, MINUS_110, game_id=number + 1) for number in range(count))
    for make in (
        lambda: Parlay(legs, risk(1, odds), odds),
        lambda: Teaser(legs, risk(1, odds), {count: Fraction(2)}),
        lambda: RoundRobin(legs, (2,), MICRO),
    ):
        with pytest.raises(InputError) as refused:
            make()
        assert refused.value.field == "legs"


def test_the_same_leg_twice_is_refused() -> None:
    (leg,) = _legs(1)
    with pytest.raises(InputError):
        Parlay((leg, leg), risk(1, MINUS_110), MINUS_110, same_game=True)


def _teaser(legs: int) -> Teaser:
    pays = catalogue().teasers["football_6"].pays
    moved = tuple(teased(Leg(Market.SPREAD, Side.HOME, None, -30, "NFL", game_id=n + 1), 24) for n in range(legs))
    return Teaser(moved, teaser_stake(StakeMode.RISK, MICRO, legs, pays), pays)


def test_a_teaser_moves_every_line_its_way() -> None:
    over = Leg(Market.TOTAL, Side.OVER, None, 180)
    assert teased(over, 24).line_q == 156
    assert teased(Leg(Market.TOTAL, Side.UNDER, None, 180), 24).line_q == 204
    assert _teaser(2).legs[0].line_q == -6


def test_teaser_pushes_reduce_lose_or_refund() -> None:
    by_two, by_one, by_four = GameResult(2, 0), GameResult(1, 0), GameResult(4, 0)
    pays = {2: Fraction(43, 23), 3: Fraction(13, 5)}
    legs = tuple(Leg(Market.SPREAD, Side.HOME, None, -8, "NFL", game_id=n + 1) for n in range(3))
    bet = Teaser(legs, teaser_stake(StakeMode.RISK, MICRO, 3, pays), pays)
    reduced = settle(bet, (by_four, by_four, by_two), DEFAULT_PROFILE)
    assert (reduced.rule, reduced.return_micro) == ("TEASER-REDUCED", round(MICRO * Fraction(43, 23)))
    assert settle(bet, (by_four, by_two, by_two), DEFAULT_PROFILE).rule == "TEASER-NO-ACTION"
    assert settle(bet, (by_four, by_one, by_two), DEFAULT_PROFILE).rule == "TEASER-LOST"
    loses, refunds = RuleProfile(teaser_push=TeaserPush.LOSES), RuleProfile(teaser_push=TeaserPush.REFUND)
    assert settle(bet, (by_four, by_four, by_two), loses).grade is Grade.LOST
    assert settle(bet, (by_four, by_four, by_two), refunds).grade is Grade.PUSH
    assert settle(bet, (by_four,) * 3, DEFAULT_PROFILE).return_micro == 2_600_000
    special = replace(bet, push=TeaserPush.LOSES)
    assert settle(special, (by_four, by_four, by_two), refunds).rule == "TEASER-PUSH-LOSES"


def test_a_teaser_off_the_card_or_on_a_quarter_line_is_refused() -> None:
    with pytest.raises(InputError) as refused:
        _teaser(7)
    assert refused.value.field == "legs"
    legs = tuple(Leg(Market.SPREAD, Side.HOME, None, -3, "NFL", game_id=n + 1) for n in range(2))
    with pytest.raises(InputError) as refused:
        Teaser(legs, risk(1, MINUS_110), {2: Fraction(43, 23)})
    assert refused.value.field == "line"


@pytest.mark.parametrize("sizes", [(), (0,), (4,), (2, 2)])
def test_round_robin_sizes_are_checked(sizes: tuple[int, ...]) -> None:
    with pytest.raises(InputError) as refused:
        RoundRobin(_legs(3), sizes, MICRO)
    assert refused.value.field == "sizes"


def test_each_way_is_two_bets() -> None:
    leg = Leg(Market.FUTURE, Side.YES, Odds.parse("10/1"))
    bet = EachWay(leg, MICRO, (1, 5))
    placed = settle(bet, OutrightResult((0, 1), (1, 1)), DEFAULT_PROFILE)
    assert (placed.grade, placed.return_micro, placed.profit_micro) == (Grade.WON, 3 * MICRO, MICRO)
    assert settle(bet, OutrightResult((0, 1), (0, 1)), DEFAULT_PROFILE).grade is Grade.LOST
    runs_not = OutrightResult((0, 1), started=False)
    refund = RuleProfile(future_non_starter=FutureNonStarter.NON_RUNNER_NO_BET)
    assert verdict(settle(bet, runs_not, refund)) == (Grade.VOID, "FUTURE-NON-RUNNER")
    both = settle(bet, OutrightResult((1, 1), (1, 1), deduction=(1, 4)), DEFAULT_PROFILE)
    assert both.return_micro == round(MICRO * (Fraction(17, 2) + Fraction(5, 2)))


def test_outright_sides_and_dead_heats() -> None:
    tied = OutrightResult((1, 3))
    assert verdict(one(Market.FUTURE, Side.YES, tied, odds=Odds.parse("+200")))[1] == "FUTURE-DEAD-HEAT"
    assert one(Market.FUTURE, Side.YES, tied, odds=Odds.parse("+200")).return_micro == MICRO
    assert one(Market.FUTURE, Side.NO, OutrightResult((0, 1))).grade is Grade.WON
    assert one(Market.FUTURE, Side.YES, OutrightResult((0, 1), started=False)).rule == "FUTURE-ALL-IN"
    assert one(Market.FUTURE, Side.YES, OutrightResult((0, 1), status=Status.CANCELLED)).rule == "FUTURE-CANCELLED"


@pytest.mark.parametrize(
    ("value", "played", "side", "grade"),
    [
        (10, 17, Side.OVER, Grade.WON),
        (10, 16, Side.OVER, Grade.WON),
        (9, 16, Side.OVER, Grade.VOID),
        (8, 16, Side.UNDER, Grade.WON),
        (8, 15, Side.UNDER, Grade.VOID),
    ],
)
def test_a_season_total_needs_the_games_left_not_to_matter(value: int, played: int, side: Side, grade: Grade) -> None:
    settled = one(Market.SEASON_TOTAL, side, SeasonResult(value, played, 17), line_q=38)
    assert settled.grade is grade


def test_a_live_ticket_says_where_it_stands() -> None:
    bet = _parlay(3)
    alive = ticket_state(bet, (WON, None, VOIDED), DEFAULT_PROFILE)
    assert (alive.life, alive.won, alive.handed_back, alive.open, alive.settlement) == (Life.ALIVE, 1, 1, 1, None)
    dead = ticket_state(bet, (WON, LOST, None), DEFAULT_PROFILE)
    assert (dead.life, dead.lost, dead.open) == (Life.DEAD, 1, 1)
    assert dead.settlement is not None
    assert dead.settlement.profit_micro == -MICRO
    done = ticket_state(bet, (WON, WON, WON), DEFAULT_PROFILE)
    assert done.life is Life.SETTLED
    robin = RoundRobin(_legs(3), (2,), MICRO)
    assert ticket_state(robin, (LOST, None, None), DEFAULT_PROFILE).life is Life.ALIVE
    assert ticket_state(robin, (LOST, LOST, WON), DEFAULT_PROFILE).life is Life.DEAD
    assert ticket_state(_teaser(2), (GameResult(0, 9), None), DEFAULT_PROFILE).life is Life.DEAD


def test_a_straight_bet_needs_a_price() -> None:
    with pytest.raises(InputError) as refused:
        Straight(Leg(Market.MONEYLINE, Side.HOME, None), risk(1, MINUS_110))
    assert refused.value.field == "odds"


@pytest.mark.parametrize(
    ("field", "make"),
    [
        ("stake", lambda: RoundRobin(_legs(3), (2,), 0)),
        ("odds", lambda: RoundRobin(_legs(3, None), (2,), MICRO)),
        ("legs", lambda: RoundRobin(_legs(3, game_id=4), (2,), MICRO)),
        ("stake", lambda: EachWay(Leg(Market.FUTURE, Side.YES, MINUS_110), 0, (1, 5))),
        ("odds", lambda: product_odds(_legs(2, None))),
        ("legs", lambda: teaser_stake(StakeMode.RISK, MICRO, 9, {2: Fraction(2)})),
        ("results", lambda: ticket_state(_parlay(2), (WON,), DEFAULT_PROFILE)),
        ("results", lambda: settle(RoundRobin(_legs(2), (2,), MICRO), (WON, None), DEFAULT_PROFILE)),
        ("results", lambda: settle(_teaser(2), (GameResult(9, 0), None), DEFAULT_PROFILE)),
    ],
)
def test_a_ticket_that_cannot_be_names_the_field(field: str, make: Callable[[], object]) -> None:
    with pytest.raises(InputError) as refused:
        make()
    assert refused.value.field == field

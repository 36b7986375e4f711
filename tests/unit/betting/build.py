"""Bets and hypothesis strategies that several test modules use."""

from __future__ import annotations

from hypothesis import strategies as st

from dbsbm.betting.legs import Leg, Straight
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds
from dbsbm.betting.outcome import Grade
from dbsbm.betting.profile import DEFAULT_PROFILE, RuleProfile
from dbsbm.betting.results import GameResult, Result, Status
from dbsbm.betting.settlement import Settlement, settle
from dbsbm.betting.stakes import MICRO, Stake, StakeMode

EVEN = Odds.parse("+100")
MINUS_110 = Odds.parse("-110")

american = st.integers(100, 5_000) | st.integers(-5_000, -101)
prices = st.builds(Odds.from_american, american) | st.builds(
    lambda cents: Odds.from_decimal(f"{cents // 100}.{cents % 100:02d}"), st.integers(101, 9_999)
)
scores = st.integers(0, 60)
game_results = st.builds(GameResult, scores, scores)
lines_q = st.integers(-80, 80)
amounts = st.integers(1_000, 10_000 * MICRO // 100)
risk_stakes_of = st.sampled_from(list(StakeMode))


def risk(units: int, odds: Odds) -> Stake:
    """So many units at risk."""
    return Stake.of(StakeMode.RISK, units * MICRO, odds)


def one(
    market: Market, side: Side, result: Result, profile: RuleProfile = DEFAULT_PROFILE, odds: Odds = EVEN, **leg: object
) -> Settlement:
    """One unit on one leg, settled."""
    return settle(Straight(Leg(market, side, odds, **leg), risk(1, odds)), result, profile)  # type: ignore[arg-type]


def verdict(settled: Settlement) -> tuple[Grade, str]:
    """Grade and rule."""
    return settled.grade, settled.rule


@st.composite
def graded_legs(draw: st.DrawFn, game_id: int = 0, *, voids: bool = True) -> tuple[Leg, GameResult]:
    """A leg on a score, with its result: any of the six grades."""
    odds = draw(prices)
    market = draw(st.sampled_from((Market.SPREAD, Market.TOTAL, Market.MONEYLINE)))
    status = draw(st.sampled_from((Status.FINAL, Status.FINAL, Status.CANCELLED))) if voids else Status.FINAL
    result = GameResult(draw(st.integers(0, 6)), draw(st.integers(0, 6)), status)
    if market is Market.TOTAL:
        side = draw(st.sampled_from((Side.OVER, Side.UNDER)))
        return Leg(market, side, odds, draw(st.integers(0, 40)), game_id=game_id), result
    side = draw(st.sampled_from((Side.HOME, Side.AWAY)))
    line_q = draw(st.integers(-16, 16)) if market is Market.SPREAD else 0
    return Leg(market, side, odds, line_q, game_id=game_id), result

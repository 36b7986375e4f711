"""What a typed pick can mean against the games on the board."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbsbm.bets import slate
from dbsbm.bets.model import Pick, Selection
from dbsbm.bets.slate import Slate
from dbsbm.betting.markets import LINED, SIDES, Market
from dbsbm.betting.odds import Odds, OddsFormat
from dbsbm.betting.profile import DEFAULT_PROFILE
from dbsbm.betting.stakes import MAX_MICRO, StakeMode
from dbsbm.core.errors import InputError
from dbsbm.games.model import Game, GameState, Price
from dbsbm.games.service import Board
from dbsbm.guilds.model import Guild

NOW = datetime(2026, 9, 13, 15, 0, tzinfo=UTC)
CHIEFS = Game(1, "nfl", "Las Vegas Raiders", "Kansas City Chiefs", NOW + timedelta(hours=9), GameState.SCHEDULED)
STOKE = Game(2, "efl_championship", "Stoke City", "Leeds United", NOW + timedelta(hours=5), GameState.SCHEDULED)
GUILD = Guild(
    guild_id=1,
    slip_channel_id=2,
    capper_role_id=None,
    admin_role_id=None,
    timezone="America/New_York",
    odds_format=OddsFormat.AMERICAN,
    stake_mode=StakeMode.RISK,
    default_units_micro=1_000_000,
    max_units_micro=100_000_000,
    rule_profile=DEFAULT_PROFILE,
    rule_profile_version=1,
    state="active",
)


def board(*prices: Price, games: tuple[Game, ...] = (STOKE, CHIEFS)) -> Slate:
    best = {(price.game_id, price.market, price.side, price.line_q): price for price in prices}
    return slate.slate_of(Board(f"{len(best)}:{id(best)}", games, best))


def price(game: Game, market: Market, side: str, line_q: int, american: int) -> Price:
    chosen = next(each for each in SIDES[market] if each.value == side)
    return Price(game.game_id, "book", market, chosen, line_q, Odds.from_american(american), NOW)


SPREADS = (
    price(CHIEFS, Market.SPREAD, "away", -12, -108),
    price(CHIEFS, Market.SPREAD, "away", -28, +180),
    price(CHIEFS, Market.MONEYLINE, "away", 0, -160),
)


@st.composite
def any_pick(draw: st.DrawFn) -> Pick:
    market = draw(st.sampled_from(sorted(Market)))
    side = draw(st.sampled_from(sorted(SIDES[market])))
    line_q = draw(st.integers(-40_000, 40_000)) if market in LINED else 0
    cents = draw(st.integers(101, 100_000))
    odds = Odds.from_decimal(f"{cents // 100}.{cents % 100:02d}")
    amount = draw(st.integers(1, MAX_MICRO))
    filled = tuple(draw(st.sets(st.sampled_from(["odds", "line", "stake"]))))
    return Pick(Selection.of(CHIEFS, market, side, line_q, odds), amount, draw(st.sampled_from(StakeMode)), filled)


@given(any_pick())
def test_a_suggestions_value_reads_back_as_the_same_pick_and_fits(pick: Pick) -> None:
    value = slate.token(pick)
    assert len(value) <= 100
    read = slate.from_token(value, CHIEFS)
    assert slate.token_game_id(value) == CHIEFS.game_id
    assert (read.amount_micro, read.mode, set(read.filled)) == (pick.amount_micro, pick.mode, set(pick.filled))
    assert read.selection.odds.price == pick.selection.odds.price
    assert read.selection.at(pick.selection.odds) == pick.selection


@given(st.text(max_size=120))
def test_a_forged_value_is_refused_and_nothing_else(text: str) -> None:
    with pytest.raises(InputError):
        slate.from_token("=" + text, CHIEFS)


@given(st.text(max_size=250))
def test_suggestions_never_fail_whatever_is_typed(text: str) -> None:
    assert len(slate.suggestions(text, board(*SPREADS), GUILD, NOW)) <= 25


@given(st.text(max_size=250))
def test_a_pick_is_read_or_refused_by_name(text: str) -> None:
    try:
        picks = slate.picks(text, board(*SPREADS), GUILD, NOW)
    except InputError as error:
        assert error.example
    else:
        assert picks


def test_the_line_closest_to_even_is_the_one_filled_in() -> None:
    options = slate.picks("chiefs", board(*SPREADS), GUILD, NOW)
    spread = next(pick for pick in options if pick.selection.market is Market.SPREAD)
    assert (spread.selection.line_q, spread.filled) == (-12, ("line", "odds", "stake"))


def test_a_price_that_nobody_offers_must_be_typed() -> None:
    with pytest.raises(InputError) as refused:
        slate.picks("chiefs -9.5 2u", board(*SPREADS), GUILD, NOW)
    assert refused.value.typed == "chiefs -9.5 2u"


def test_a_three_way_league_is_bet_three_ways() -> None:
    offered = price(STOKE, Market.MONEYLINE_3WAY, "home", 0, +150)
    pick = slate.picks("stoke ml 1u", board(offered), GUILD, NOW)[0]
    assert pick.selection.market is Market.MONEYLINE_3WAY


@pytest.mark.parametrize(("typed", "mode"), [("2u", "risk"), ("to win 2u", "to_win")])
def test_the_stakes_meaning_is_the_typed_one(typed: str, mode: str) -> None:
    assert slate.picks(f"chiefs -3 -108 {typed}", board(*SPREADS), GUILD, NOW)[0].mode.value == mode


def test_a_started_game_is_not_on_the_board() -> None:
    with pytest.raises(slate.NoGameError):
        slate.picks("abc", board(*SPREADS), GUILD, CHIEFS.starts_at)
    assert slate.suggestions("chiefs", board(*SPREADS), GUILD, CHIEFS.starts_at) == ()


def test_a_game_that_has_started_can_still_be_named() -> None:
    assert slate.named_game("chiefs -3 -110", [CHIEFS], CHIEFS.starts_at) == CHIEFS
    assert slate.named_game("nobody", [CHIEFS], CHIEFS.starts_at) is None


def test_the_typed_form_reads_back() -> None:
    slates = board(*SPREADS)
    first = slate.picks("chiefs -3 -108 1.25u", slates, GUILD, NOW)[0]
    assert slate.typed_form(first) == "Kansas City Chiefs -3 @-108 1.25u"
    assert slate.picks(slate.typed_form(first), slates, GUILD, NOW)[0] == first

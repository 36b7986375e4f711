"""Typed text and what can be bet on: reads a pick against the upcoming games and fills what was not typed.

What the text leaves open becomes several picks, likeliest first; what nobody said is filled from the best price and
the guild's default stake, and named in ``Pick.filled`` so that it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from dbsbm.bets.leagues import catalogue_id
from dbsbm.bets.model import Pick
from dbsbm.bets.selection import NO_PRICE, Selection
from dbsbm.betting.catalogue import catalogue
from dbsbm.betting.markets import LINED, SIDES, Market, Side, format_line
from dbsbm.betting.odds import Odds, OddsFormat
from dbsbm.betting.reader import GameCandidate, GameIndex, Interpretation, Reading, read_pick
from dbsbm.betting.stakes import MAX_MICRO, MICRO, StakeMode
from dbsbm.core import pressure
from dbsbm.core.errors import InputError
from dbsbm.core.ids import decode, encode
from dbsbm.games.model import Game, GameState, Price, best_prices
from dbsbm.games.service import Board
from dbsbm.guilds.model import Guild

MAX_PICK_CHARACTERS = 200
MAX_PICKS = 25
"""What a select and an autocomplete list hold."""
_CHOSEN_MARK = "="
_FILLED = {"o": "odds", "l": "line", "s": "stake"}
_RETRIES = 3
_WHOLE_GAME = "game"
_PERIOD_WORDS = {_WHOLE_GAME: "", "reg": "regulation ", "set1": "set 1 ", "set2": "set 2 "}
_TEAM_TOTALS = {
    Side.HOME_OVER: Side.OVER,
    Side.AWAY_OVER: Side.OVER,
    Side.HOME_UNDER: Side.UNDER,
    Side.AWAY_UNDER: Side.UNDER,
}
_OF_THE_AWAY_TEAM = frozenset({Side.AWAY, Side.AWAY_OVER, Side.AWAY_UNDER, Side.DRAW_AWAY})


OFFERED = frozenset({Market.MONEYLINE, Market.MONEYLINE_3WAY, Market.SPREAD, Market.TOTAL, Market.PLAYER_PROP})
"""Markets of whole games whose prices the feeds bring; any other price has to be typed."""


class NoGameError(InputError):
    """The text names no team of an upcoming game."""


PlayerPrices = Callable[[int, str, str], Sequence[Price]]
"""What is offered on a statistic: game id, player, statistic. Too many to be read before somebody names one."""


def _no_players(_game_id: int, _player: str, _stat: str) -> Sequence[Price]:
    return ()


@dataclass(frozen=True, slots=True)
class Slate:
    """The upcoming games with their names indexed and their best prices by game."""

    games: dict[int, Game]
    index: GameIndex
    prices: dict[int, list[Price]]
    players: PlayerPrices = _no_players

    def offers(self, game_id: int, market: Market, player: str, stat: str) -> Sequence[Price]:
        """The best prices that a leg of this market is filled from."""
        if market is not Market.PLAYER_PROP:
            return self.prices.get(game_id, ())
        return tuple(best_prices(self.players(game_id, player, stat)).values()) if player and stat else ()


_slates: dict[str, Slate] = {}
pressure.on_short(_slates.clear)


def slate_of(board: Board) -> Slate:
    """The slate of a board, kept while the environment sees the same board."""
    known = _slates.get(board.version)
    if known is not None:
        return known
    prices: dict[int, list[Price]] = {}
    for price in board.best.values():
        prices.setdefault(price.game_id, []).append(price)
    slate = Slate({game.game_id: game for game in board.games}, _index(board), prices)
    _slates.clear()  # a warm environment needs the newest alone
    _slates[board.version] = slate
    return slate


def live_slate(games: Sequence[Game]) -> Slate:
    """Games under way with a score, to be bet on live: no price of theirs is known, each has to be typed."""
    live = {g.game_id: g for g in games if g.state is GameState.LIVE and None not in (g.home_score, g.away_score)}
    index = GameIndex(
        [GameCandidate(g.game_id, catalogue_id(g.league), g.home, g.away, g.starts_at) for g in live.values()]
    )
    return Slate(live, index, {})


def _index(board: Board) -> GameIndex:
    """Indexing a thousand names costs more than comparing them, and most boards differ in prices only."""
    for known in _slates.values():
        if tuple(known.games.values()) == board.games:
            return known.index
    return GameIndex(
        [GameCandidate(g.game_id, catalogue_id(g.league), g.home, g.away, g.starts_at) for g in board.games]
    )


def picks(text: str, slate: Slate, guild: Guild, now: datetime) -> tuple[Pick, ...]:
    """Everything a typed pick can mean, likeliest first; never empty.

    Raises
    ------
    InputError
        Naming what cannot be read, with a pick that would work now.
    """
    try:
        return _picks(text, slate, guild, now)
    except InputError as error:
        kind = NoGameError if isinstance(error, NoGameError) else InputError
        raise kind(error.field, error.typed, error.problem, example(slate, guild, now)) from error


def named_game(text: str, games: Sequence[Game], now: datetime) -> Game | None:
    """The game that a text names among some that cannot be bet on, to say which one it is."""
    candidates = [GameCandidate(g.game_id, catalogue_id(g.league), g.home, g.away, g.starts_at) for g in games]
    try:
        found = read_pick(text[:MAX_PICK_CHARACTERS], candidates, now).best
    except InputError:
        return None
    return next((game for game in games if found is not None and game.game_id == found.game_id), None)


def suggestions(text: str, slate: Slate, guild: Guild, now: datetime) -> tuple[Pick, ...]:
    """What a pick that is still being typed may become: never raises, at most 25."""
    if not text.strip():
        return tuple(_next_starts(slate, guild, now))
    reading = _partial_reading(text, slate, now)
    found: list[Pick] = []
    for option in reading.interpretations if reading else _beginning(text, slate):
        exact = tuple(_expanded(option, text, slate, guild, now))
        # A line nobody offers yet may be half typed, or still want its price: show what there is meanwhile.
        found.extend(exact or _expanded(replace(option, line_q=None), text, slate, guild, now))
        if len(found) >= MAX_PICKS:
            break
    return tuple(found[:MAX_PICKS])


def value_of(pick: Pick) -> str:
    """A pick as one choice's value: exact where it fits, else as a person would type it."""
    selection = pick.selection
    plain = selection.period == _WHOLE_GAME and not selection.player and selection.score is None
    return token(pick) if plain else typed_form(pick)


def token(pick: Pick) -> str:
    """A pick as one choice's value, exact and at most 100 characters: ``=<game> <market> <side> <line> <price> …``."""
    selection, odds = pick.selection, pick.selection.odds
    marks = "".join(mark for mark, name in _FILLED.items() if name in pick.filled)
    return " ".join(
        (
            _CHOSEN_MARK + encode(selection.game_id),
            selection.market.value,
            selection.side.value,
            str(selection.line_q),
            f"{odds.num}/{odds.den}",
            odds.format.value,
            str(pick.amount_micro),
            pick.mode.value,
            marks or "-",
        )
    )


def is_token(text: str) -> bool:
    """Whether the text is a chosen suggestion rather than typed words."""
    return text.startswith(_CHOSEN_MARK)


def from_token(text: str, game: Game) -> Pick:
    """The pick of a chosen suggestion; ``game`` is the one it names.

    Raises
    ------
    InputError
        When the text is not one of ours: a person can send anything here.
    """
    try:
        _, market_name, side_name, line, price, odds_format, amount, mode, marks = text.split(" ")
        num, den = price.split("/")
        odds = Odds.from_fraction(Fraction(int(num), int(den)), OddsFormat(odds_format))
        market, side, micro = Market(market_name), Side(side_name), int(amount)
        filled = tuple(_FILLED[mark] for mark in marks if mark in _FILLED)
        pick = Pick(Selection.of(game, market, side, int(line), odds), micro, StakeMode(mode), filled)
    except (ValueError, ZeroDivisionError) as error:
        raise InputError("pick", text, "is not a suggestion of ours") from error
    if side not in SIDES[market] or not 0 < micro <= MAX_MICRO:
        raise InputError("pick", text, "is not a suggestion of ours")
    return pick


def token_game_id(text: str) -> int:
    """The game that a chosen suggestion names. Raises InputError."""
    try:
        return decode(text[len(_CHOSEN_MARK) :].split(" ", 1)[0])
    except ValueError as error:
        raise InputError("pick", text, "is not a suggestion of ours") from error


def example(slate: Slate, guild: Guild, now: datetime) -> str:
    """A pick that can be typed as it stands, of the next game that has a price."""
    for pick in _next_starts(slate, guild, now):
        return typed_form(pick)
    return "Chiefs -3 -110 2u"


def typed_form(pick: Pick) -> str:
    """A pick as a person would type it."""
    return f"{typed_side(pick.selection)} @{pick.selection.odds.typed} {typed_stake(pick.amount_micro)}"


def typed_side(selection: Selection) -> str:
    """Team or player, market, period and line as a person would type them."""
    team = selection.away if selection.side in _OF_THE_AWAY_TEAM else selection.home
    name = f"{team} {_PERIOD_WORDS.get(selection.period, f'{selection.period} ')}"
    number = format_line(selection.line_q, signed=False)
    match selection.market:
        case Market.TOTAL:
            return f"{name}{selection.side.value} {number}"
        case Market.TEAM_TOTAL:
            return f"{name}team total {_TEAM_TOTALS[selection.side].value} {number}"
        case Market.SPREAD:
            return f"{name}{format_line(selection.line_q).lower()}"
        case Market.DRAW_NO_BET:
            return f"{name}dnb"
        case Market.DOUBLE_CHANCE:
            return f"{name}or draw"
        case Market.PLAYER_PROP:
            stat = catalogue().stat(selection.stat).name.lower()
            said = f"{selection.player} {stat}" if selection.side in (Side.YES, Side.NO) else ""
            return said or f"{selection.player} {selection.side.value} {number} {stat}"
        case Market.MANUAL | Market.FUTURE:
            return selection.player
        case _:
            return f"{name}draw" if selection.side is Side.DRAW else f"{name}ml"


def typed_stake(amount_micro: int) -> str:
    """The typed amount in units, exactly: "1.5u"."""
    whole, rest = divmod(amount_micro, MICRO)
    decimals = f".{rest:06d}".rstrip("0") if rest else ""
    return f"{whole}{decimals}u"


def _picks(text: str, slate: Slate, guild: Guild, now: datetime) -> tuple[Pick, ...]:
    typed = text.strip()
    if len(typed) > MAX_PICK_CHARACTERS:
        raise InputError("pick", typed, f"has {len(typed)} characters, {MAX_PICK_CHARACTERS} are read")
    return meant(read_pick(typed, slate.index, now), slate, guild, now)


def meant(reading: Reading, slate: Slate, guild: Guild, now: datetime, *, unpriced: bool = False) -> tuple[Pick, ...]:
    """Everything the reading of one pick can mean, likeliest first; never empty. ``unpriced``: a price may be missing.

    Raises
    ------
    InputError
        Naming what cannot be read.
    """
    typed = reading.text.strip()
    if reading.best is None:
        if reading.said.market is Market.PLAYER_PROP:
            raise InputError("pick", typed, "names a player in no upcoming game: add the team")
        raise NoGameError("pick", typed, "names no team of an upcoming game")
    if reading.unread:
        _refuse_unread(reading)
    rivals = reading.choices[0].options if reading.choices else (reading.best,)
    found = [pick for option in rivals for pick in _expanded(option, typed, slate, guild, now, unpriced=unpriced)]
    if not found:
        raise InputError("pick", typed, "has no price, and no book offers this now: type one")
    return tuple(found[:MAX_PICKS])


def _refuse_unread(reading: Reading) -> None:
    word = reading.unread[0]
    if word.replace(".", "").isdigit():
        Odds.parse(word)
    raise InputError("pick", word, "is not read as a team, line, price or stake")


def _partial_reading(text: str, slate: Slate, now: datetime) -> Reading | None:
    """The reading of the text, or of its beginning while its end is half a number."""
    words = text[:MAX_PICK_CHARACTERS].split()
    for dropped in range(min(_RETRIES, len(words))):
        try:
            reading = read_pick(" ".join(words[: len(words) - dropped]), slate.index, now)
        except InputError:
            continue
        if reading.interpretations:
            return reading
    return None


def _beginning(text: str, slate: Slate) -> list[Interpretation]:
    """The sides whose name starts with a letter or two, next starts first: too little for a reading."""
    seats = sorted(slate.index.starting(text.strip().lower()))
    return [Interpretation(side=side, game_id=slate.index.games[number].game_id) for number, side in seats[:MAX_PICKS]]


def _expanded(
    option: Interpretation, text: str, slate: Slate, guild: Guild, now: datetime, *, unpriced: bool = False
) -> Iterator[Pick]:
    """The picks of one interpretation: every market the text leaves open, each at its price."""
    game = slate.games.get(option.game_id or 0)
    if game is None or option.side is None or game.starts_at <= now:
        return
    mode = guild.stake_mode
    if option.stake_mode is not None and (option.stake_mode is not StakeMode.RISK or "risk" in text.lower()):
        mode = option.stake_mode
    amount = option.amount_micro or guild.default_units_micro
    stake_filled = () if option.amount_micro else ("stake",)
    for market, side in _meant(option, slate.prices.get(game.game_id, ())):
        priced = _priced(replace(option, market=market, side=side), game, slate, guild)
        if priced is None and unpriced and (option.line_q is not None or market not in LINED):
            priced = Selection.of(game, market, side, option.line_q or 0, NO_PRICE), ()
        if priced is not None:
            selection = replace(priced[0], period=option.period, player=option.player, stat=option.stat)
            yield Pick(selection, amount, mode, (*priced[1], *stake_filled))


def _meant(option: Interpretation, prices: Sequence[Price]) -> tuple[tuple[Market, Side], ...]:
    """What the text leaves open of market and side: a team alone can mean its win, its spread, or the game's total."""
    if option.side is None:
        return ()
    offered = {price.market for price in prices}
    three_way = Market.MONEYLINE_3WAY in offered and Market.MONEYLINE not in offered
    winner = Market.MONEYLINE_3WAY if three_way else Market.MONEYLINE
    if option.market is not None:
        return ((winner if option.market is Market.MONEYLINE else option.market, option.side),)
    if option.side in (Side.OVER, Side.UNDER):
        return ((Market.TOTAL, option.side),)
    own: tuple[tuple[Market, Side], ...] = ((winner, option.side), (Market.SPREAD, option.side))
    return own if option.odds else (*own, (Market.TOTAL, Side.OVER), (Market.TOTAL, Side.UNDER))


def _priced(option: Interpretation, game: Game, slate: Slate, guild: Guild) -> tuple[Selection, tuple[str, ...]] | None:
    """The selection, and which of line and odds were filled; None when there is no price to fill in."""
    market, side = option.market, option.side
    if market is None or side is None or side not in SIDES[market]:
        return None
    line_q = option.line_q if market in LINED and side not in (Side.YES, Side.NO) else 0
    if line_q is not None and option.odds is not None:
        return Selection.of(game, market, side, line_q, option.odds), ()
    if option.period != _WHOLE_GAME or market not in OFFERED:
        return None
    offers = slate.offers(game.game_id, market, option.player, option.stat)
    price = main_price(offers, market, side, line_q)
    if price is None:
        return None
    odds = option.odds or Odds.from_fraction(price.odds.price, guild.odds_format)
    filled = (*(("line",) if line_q is None else ()), *(("odds",) if option.odds is None else ()))
    return Selection.of(game, market, side, price.line_q, odds), filled


def main_price(prices: Sequence[Price], market: Market, side: Side, line_q: int | None) -> Price | None:
    """The best price at a line; without a line, at the one priced closest to even."""
    fitting = [
        price
        for price in prices
        if price.market is market and price.side is side and (line_q is None or price.line_q == line_q)
    ]
    return min(fitting, key=lambda price: (abs(price.odds.implied - Fraction(1, 2)), price.line_q), default=None)


def _next_starts(slate: Slate, guild: Guild, now: datetime) -> Iterator[Pick]:
    offered = 0
    for game in slate.games.values():
        for side in (Side.AWAY, Side.HOME, Side.OVER):
            market = Market.TOTAL if side is Side.OVER else Market.SPREAD
            option = Interpretation(market=market, side=side, game_id=game.game_id)
            for pick in _expanded(option, "", slate, guild, now):
                yield pick
                offered += 1
                if offered >= MAX_PICKS:
                    return

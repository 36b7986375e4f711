"""What the commands that show games share: leagues to choose, games by name, how a game and its prices read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from dbsbm.betting.catalogue import catalogue
from dbsbm.betting.markets import Market, Side, format_line
from dbsbm.betting.names import load_roster, plain
from dbsbm.commands import rights, wording
from dbsbm.commands.teams import letters, nickname
from dbsbm.commands.words.catalogue import Words
from dbsbm.core import pressure
from dbsbm.core.errors import InputError, NotFoundError
from dbsbm.core.ids import decode, encode
from dbsbm.discord.components import OPTION_MAX, cut
from dbsbm.discord.definitions import Context
from dbsbm.games.leagues import catalogue_id
from dbsbm.games.model import Game, Price
from dbsbm.games.repository import GameRepository
from dbsbm.games.service import Board, upcoming_board
from dbsbm.guilds.model import Guild
from dbsbm.guilds.repository import GuildRepository

FUNCTION = "command_games"
LEAGUES = ("nfl", "ncaaf", "nba", "ncaab", "wnba", "mlb", "nhl", "epl", "efl_championship", "mls", "ucl", "f1")
_CHOSEN = "="
_HOME_FIRST = frozenset({"epl", "efl_championship", "mls", "ucl"})
_CHOICES = 25


def league_name(league: str, words: Words | None = None) -> str:
    """ "Premier League"; the catalogue's name, where it has the league."""
    known = catalogue().leagues.get(catalogue_id(league))
    return known.name if known else (words or Words()).plain_or(f"league.{league}", league.upper())


def league_choices() -> tuple[tuple[str, str], ...]:
    """Every league as an option's choice."""
    return tuple((league_name(league), league) for league in LEAGUES)


def matchup(game: Game) -> str:
    """ "Chiefs @ Raiders", in soccer "Chelsea v Arsenal"; a race by its name."""
    if not game.away:
        return game.home
    home, away = nickname(game.home, game.league), nickname(game.away, game.league)
    return f"{home} v {away}" if game.league in _HOME_FIRST else f"{away} @ {home}"


def in_order(game: Game, home: str, away: str) -> tuple[str, str]:
    """The two values of a game in the order its matchup names the teams."""
    return (home, away) if game.league in _HOME_FIRST else (away, home)


def guild_of(ctx: Context) -> Guild | None:
    """The guild's settings; nothing here waits for its set-up."""
    return GuildRepository(ctx.session, rights.guild_id_of(ctx)).guild()


def named(ctx: Context, typed: str, words: Words) -> Game:
    """The game that was chosen from the suggestions, or the next one that the typed words fit.

    Raises
    ------
    InputError
        Naming what was typed.
    """
    if typed.startswith(_CHOSEN):
        try:
            return GameRepository(ctx.session).game(decode(typed.removeprefix(_CHOSEN)))
        except (ValueError, NotFoundError) as error:
            raise InputError("game", typed, words.plain("problem.gone")) from error
    board = upcoming_board(ctx.cache, ctx.session, ctx.clock.now())
    fitting = _fitting(typed, board, board.upcoming(ctx.clock.now())) if typed.strip() else []
    if not fitting:
        example = next((nickname(game.home, game.league) for game in board.upcoming(ctx.clock.now())), "")
        raise InputError("game", typed, words.plain("games.unknown"), example)
    return fitting[0]


def offered(ctx: Context, typed: str, leagues: Iterable[str] | None = None) -> Sequence[tuple[str, str]]:
    """Suggestions for a game option: what starts next, or what the typed words fit."""
    if typed.startswith(_CHOSEN):
        return ()
    now, guild = ctx.clock.now(), guild_of(ctx)
    if guild is None:
        return ()
    words = Words(ctx.person.locale)
    board = upcoming_board(ctx.cache, ctx.session, now)
    wanted = None if leagues is None else frozenset(leagues)
    games = [game for game in board.upcoming(now) if wanted is None or game.league in wanted]
    return [
        (
            cut(f"{matchup(game)} · {wording.clock_time(game.starts_at, guild.zone, now, words)}", OPTION_MAX),
            token(game),
        )
        for game in _fitting(typed, board, games)[:_CHOICES]
    ]


def token(game: Game) -> str:
    """A game as one choice's value."""
    return _CHOSEN + encode(game.game_id)


def main_price(prices: Iterable[Price], market: Market, side: Side) -> Price | None:
    """Of a side's lines the one priced closest to even, at its best price."""
    own = [price for price in prices if price.market is market and price.side is side]
    return min(own, key=lambda price: (abs(price.odds.implied - Fraction(1, 2)), price.line_q), default=None)


def line_text(line_q: int, *, signed: bool) -> str:
    """A line with a true minus sign."""
    return format_line(line_q, signed=signed).replace("-", wording.MINUS)


_searched: dict[str, dict[int, str]] = {}
pressure.on_short(_searched.clear)


def _fitting(typed: str, board: Board, games: Sequence[Game]) -> list[Game]:
    """The games all of whose typed words begin a word of a name, in the order given."""
    words = plain(typed).split()
    if not words:
        return list(games)
    known = _searched.get(board.version)
    if known is None:
        known = {}
        _searched.clear()  # a warm environment needs the newest alone
        _searched[board.version] = known
    return [game for game in games if all(f" {word}" in _names(game, known) for word in words)]


def _names(game: Game, known: dict[int, str]) -> str:
    """Every name of both teams and the league, each word after a space."""
    if game.game_id not in known:
        names = [game.league, league_name(game.league)]
        for name in (game.home, game.away):
            team = load_roster().team(catalogue_id(game.league), name)
            names += [name, letters(name, game.league), *(sorted(team.aliases) if team else ())]
        known[game.game_id] = "".join(f" {word}" for name in names for word in plain(name).split())
    return known[game.game_id]

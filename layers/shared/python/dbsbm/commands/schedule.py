"""``/schedule league:``: what is played next, with the main lines."""

from __future__ import annotations

from datetime import timedelta

from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import OddsFormat
from dbsbm.commands import answers, board, wording
from dbsbm.commands.game_weather import weather_lines
from dbsbm.commands.teams import nickname
from dbsbm.commands.words.catalogue import Markdown, Words, escape
from dbsbm.discord import components
from dbsbm.discord.definitions import Context, Option, Result, Who, command
from dbsbm.games.model import Game, Price
from dbsbm.games.repository import GameRepository

_AHEAD = timedelta(days=8)
_SHOWN = 15


@command(
    "schedule",
    "The next games of a league, with their lines",
    who=Who.MEMBER,
    function=board.FUNCTION,
    options=(Option("league", "Which league", required=True, choices=board.league_choices()),),
)
def schedule(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    league, now = str(ctx.interaction.options["league"]), ctx.clock.now()
    guild = board.guild_of(ctx)
    shown_as = guild.odds_format if guild else OddsFormat.AMERICAN
    repository = GameRepository(ctx.session)
    coming = [game for game in repository.upcoming(now, leagues=[league]) if game.starts_at <= now + _AHEAD]
    name = board.league_name(league, words)
    if not coming:
        return Result(answers.said(words("schedule.none", league=name, days=_AHEAD.days)))
    games = coming[:_SHOWN]
    prices = repository.best_prices([game.game_id for game in games])
    lines = [words("schedule.title", league=name)]
    weather = weather_lines(ctx.session, games, words, now)
    for game in games:
        own = [price for price in prices if price.game_id == game.game_id]
        lines.append(words("schedule.game", game=board.matchup(game), when=wording.moment(game.starts_at)))
        if game.away:
            lines.append(_lines(game, own, shown_as, words))
        if game.game_id in weather:
            lines.append(weather[game.game_id])
    if len(coming) > _SHOWN:
        lines.append(words("schedule.more", count=len(coming) - _SHOWN))
    return Result(answers.private(components.text("\n".join(lines))))


def _lines(game: Game, prices: list[Price], shown_as: OddsFormat, words: Words) -> Markdown:
    """Spread of the favourite, total, and the winner's prices where there is no spread."""
    parts = []
    spreads = [board.main_price(prices, Market.SPREAD, side) for side in (Side.HOME, Side.AWAY)]
    laid = min((price for price in spreads if price), key=lambda price: price.line_q, default=None)
    if laid is not None:
        team = game.home if laid.side is Side.HOME else game.away
        line = board.line_text(laid.line_q, signed=True)
        parts.append(f"{nickname(team, game.league)} {line} ({wording.price(laid.odds, shown_as)})")
    total = board.main_price(prices, Market.TOTAL, Side.OVER)
    if total is not None:
        line = board.line_text(total.line_q, signed=False)
        parts.append(words.plain("schedule.total", line=line, odds=wording.price(total.odds, shown_as)))
    if not parts:
        return words("schedule.no_prices")
    return Markdown(f"-# {escape(' · '.join(parts))}")

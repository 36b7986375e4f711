"""``/odds game:``: the best price of each side, at which book, and how the lines moved, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds, OddsFormat
from dbsbm.commands import answers, board, wording
from dbsbm.commands.game_weather import total_line, weather_lines
from dbsbm.commands.teams import nickname
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.discord import components
from dbsbm.discord.definitions import Context, Image, Option, Reply, Result, Who, autocomplete, command
from dbsbm.games.model import Game, Price, best_prices
from dbsbm.games.movement import Curve, curves
from dbsbm.games.repository import GameRepository
from dbsbm.guilds.model import Guild
from dbsbm.render.views import MovementView, PanelView

FILE = "movement.png"
_MARKETS = (
    (Market.SPREAD, (Side.AWAY, Side.HOME)),
    (Market.MONEYLINE, (Side.AWAY, Side.HOME)),
    (Market.MONEYLINE_3WAY, (Side.HOME, Side.DRAW, Side.AWAY)),
    (Market.TOTAL, (Side.OVER, Side.UNDER)),
)
_UTC = ZoneInfo("UTC")


@command(
    "odds",
    "Best prices of a game, and how its lines moved",
    who=Who.MEMBER,
    mode="deferred",
    function=board.FUNCTION,
    options=(Option("game", "A team, for example chiefs", required=True, autocomplete=True),),
)
def odds(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    guild = board.guild_of(ctx)
    shown_as = guild.odds_format if guild else OddsFormat.AMERICAN
    repository = GameRepository(ctx.session)
    game = board.named(ctx, str(ctx.interaction.options["game"]), words)
    prices = repository.prices([game.game_id])
    lines = [words("odds.title", game=board.matchup(game), when=wording.moment(game.starts_at))]
    if game.starts_at <= ctx.clock.now():
        lines.append(words("odds.started"))
    lines += _table(game, prices, shown_as, words)
    now = ctx.clock.now()
    lines += weather_lines(ctx.session, [game], words, now).values()
    meaning = total_line(ctx.session, game, words, now)
    if meaning:
        lines.append(Markdown(meaning))
    image = _chart(ctx, game, guild, shown_as, words)
    if image is None:
        return Result(answers.private(components.text("\n".join(lines))))
    reply = answers.private(components.text("\n".join(lines)), components.gallery(FILE, image.alt))
    return Result(Reply(reply.kind, reply.data, (image,)))


@autocomplete("odds", "game", function=board.FUNCTION)
def games_offered(ctx: Context, typed: str) -> Sequence[tuple[str, str]]:
    return board.offered(ctx, typed)


def _table(game: Game, prices: Sequence[Price], shown_as: OddsFormat, words: Words) -> list[Markdown]:
    best = list(best_prices(prices).values())
    lines: list[Markdown] = []
    for market, sides in _MARKETS:
        found = [price for side in sides if (price := board.main_price(best, market, side)) is not None]
        if not found:
            continue
        lines.append(words("odds.market", market=words.plain(f"market.{market.value}")))
        for price in found:
            values = {
                "side": side_name(game, price.market, price.side, price.line_q, words),
                "odds": wording.price(price.odds, shown_as),
                "book": price.book,
                "seen": wording.moment(price.taken_at, "R"),
            }
            lines.append(words("odds.price", **values))
    return lines or [words("odds.none")]


def side_name(game: Game, market: Market, side: Side, line_q: int, words: Words) -> str:
    """ "Chiefs −3", "Over 44.5", "Draw"."""
    if market is Market.TOTAL:
        return words.plain(f"side.{side.value}", line=board.line_text(line_q, signed=False))
    if side is Side.DRAW:
        return words.plain("pick.draw")
    team = nickname(game.home if side is Side.HOME else game.away, game.league)
    return f"{team} {board.line_text(line_q, signed=True)}" if market is Market.SPREAD else team


def _chart(ctx: Context, game: Game, guild: Guild | None, shown_as: OddsFormat, words: Words) -> Image | None:
    """The picture, or None for a game that nobody has priced."""
    found = curves(GameRepository(ctx.session).history(game.game_id))
    if not found:
        return None
    zone = guild.zone if guild else _UTC
    first = min(curve.points[0][0] for curve in found)
    last = max(first, min(ctx.clock.now(), game.starts_at))
    panels = tuple(_panel(curve, game, (first, last), shown_as, words) for curve in found)
    view = MovementView(
        board.matchup(game),
        board.league_name(game.league, words),
        wording.full_time(game.starts_at, zone, words),
        wording.full_time(first, zone, words),
        wording.full_time(last, zone, words),
        panels,
    )
    moved = ", ".join(words.plain("odds.moved", label=p.label, opened=p.opened, now=p.now) for p in panels)
    alt = words.plain("odds.alt", game=view.matchup, moved=moved)
    return Image(FILE, alt, "movement", view.to_json())


def _panel(curve: Curve, game: Game, shown: tuple[datetime, datetime], shown_as: OddsFormat, words: Words) -> PanelView:
    span = (shown[1] - shown[0]).total_seconds() or 1.0
    points = tuple(((at - shown[0]).total_seconds() / span, float(value)) for at, value in curve.points)
    label = words.plain(f"market.{curve.market.value}")
    if curve.market is not Market.TOTAL:
        label = f"{label} · {nickname(game.home, game.league)}"
    texts = [_value(curve.market, value, shown_as) for value in (curve.points[0][1], curve.points[-1][1])]
    return PanelView(label, texts[0], texts[1], points)


def _value(market: Market, value: Fraction, shown_as: OddsFormat) -> str:
    if market in (Market.SPREAD, Market.TOTAL):
        return board.line_text(int(value), signed=market is Market.SPREAD)
    return wording.price(Odds.from_fraction(value), shown_as)

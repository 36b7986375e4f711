"""``/weather``: wind, rain and temperature at the start of an outdoor game; by its name, or through two menus."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from dbsbm.commands import answers, board, rights, wording
from dbsbm.commands.game_weather import KMH_PER_MPH, fits
from dbsbm.commands.teams import nickname
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.core.errors import InputError
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import Choice
from dbsbm.discord.definitions import Context, Json, Option, Result, Who, autocomplete, command, component
from dbsbm.games.model import Game
from dbsbm.games.repository import GameRepository
from dbsbm.games.weather.model import Forecast, compass, signs
from dbsbm.games.weather.repository import WeatherRepository
from dbsbm.games.weather.venues import Roof, leagues, venue_of

_GAMES = 25


@command(
    "weather",
    "The weather at the start of an outdoor game",
    who=Who.MEMBER,
    function=board.FUNCTION,
    options=(Option("game", "A team, or leave empty to choose", autocomplete=True),),
)
def weather(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    typed = str(ctx.interaction.options.get("game", ""))
    if not typed.strip():
        return Result(answers.private(*_leagues(ctx, words)))
    return Result(answers.private(*_answer(ctx, board.named(ctx, typed, words), words)))


@autocomplete("weather", "game", function=board.FUNCTION)
def games_offered(ctx: Context, typed: str) -> Sequence[tuple[str, str]]:
    return board.offered(ctx, typed, leagues())


@component("weather.league", who=Who.MEMBER, function=board.FUNCTION)
def league_chosen(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    league, now = ctx.interaction.values[0], ctx.clock.now()
    guild = board.guild_of(ctx)
    games = GameRepository(ctx.session).upcoming(now, _GAMES, leagues=[league])
    if not games or guild is None:
        return Result(answers.redrawn(components.text(words("weather.no_games")), *_leagues(ctx, words)))
    choices = [
        Choice(board.matchup(game), board.token(game), wording.clock_time(game.starts_at, guild.zone, now, words))
        for game in games
    ]
    asked = words("weather.which_game", league=board.league_name(league, words))
    menu = components.select(custom_id.build("weather.game"), choices, words.plain("weather.choose_game"))
    return Result(answers.redrawn(components.text(asked), menu))


@component("weather.game", who=Who.MEMBER, function=board.FUNCTION)
def game_chosen(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    chosen = ctx.interaction.values[0]
    if not chosen.startswith("="):
        raise InputError("game", chosen, words.plain("problem.gone"))
    return Result(answers.redrawn(*_answer(ctx, board.named(ctx, chosen, words), words)))


def _leagues(ctx: Context, words: Words) -> list[Json]:
    rights.guild_id_of(ctx)
    coming = {game.league for game in GameRepository(ctx.session).upcoming(ctx.clock.now(), leagues=leagues())}
    if not coming:
        return [components.text(words("weather.no_games"))]
    choices = [Choice(board.league_name(league, words), league) for league in leagues() if league in coming]
    menu = components.select(custom_id.build("weather.league"), choices, words.plain("weather.choose_league"))
    return [components.text(words("weather.which_league")), menu]


def _answer(ctx: Context, game: Game, words: Words) -> list[Json]:
    lines = [words("weather.title", game=board.matchup(game), when=wording.moment(game.starts_at))]
    venue = venue_of(game.league, game.home)
    if venue is None:
        lines.append(words("weather.no_venue", team=nickname(game.home, game.league)))
    elif venue.roof is Roof.FIXED:
        lines.append(words("weather.roof", venue=venue.name))
    else:
        forecast = WeatherRepository(ctx.session).forecast(game.game_id)
        lines += _known(forecast, words) if forecast and fits(forecast, game.starts_at) else _unknown(ctx, game, words)
        if venue.roof is Roof.RETRACTABLE:
            lines.append(words("weather.retractable", venue=venue.name))
    return [components.text("\n".join(lines))]


def _known(forecast: Forecast, words: Words) -> list[Markdown]:
    said = [
        words(
            "weather.at_start",
            venue=forecast.venue,
            sky=forecast.sky or "–",
            celsius=f"{forecast.temperature_c:.0f}".replace("-", wording.MINUS),
            fahrenheit=f"{forecast.temperature_c * 9 / 5 + 32:.0f}".replace("-", wording.MINUS),
        ),
        words(
            "weather.wind",
            kmh=f"{forecast.wind_kmh:.0f}",
            mph=f"{forecast.wind_kmh / KMH_PER_MPH:.0f}",
            origin=words.plain(f"weather.from.{compass(forecast.wind_degrees)}"),
            gust=f"{forecast.gust_kmh / KMH_PER_MPH:.0f}",
        ),
        words(
            "weather.rain",
            percent=forecast.rain_percent,
            millimetres=f"{forecast.rain_mm:.1f}",
            snow=forecast.snow_percent,
        ),
    ]
    meaning = " ".join(words(f"weather.sign.{sign.value}") for sign in signs(forecast))
    return [
        *said,
        words("weather.totals", meaning=Markdown(meaning)),
        words("weather.fetched", when=wording.moment(forecast.fetched_at, "R")),
    ]


def _unknown(ctx: Context, game: Game, words: Words) -> list[Markdown]:
    """Why there is no forecast: too far away, or none came yet."""
    days = ctx.settings.weather_api_days
    reached = game.starts_at - timedelta(days=days - 1)
    if ctx.clock.now() < reached:
        return [words("weather.too_far", days=days, when=wording.moment(reached))]
    return [words("weather.none_yet")]

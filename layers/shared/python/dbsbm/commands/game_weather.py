"""The weather at a game's start in one line, for cards that are about the game: nothing for a roof or no forecast."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.database.session import Session
from dbsbm.games.model import Game
from dbsbm.games.weather.model import Forecast, compass, signs
from dbsbm.games.weather.repository import WeatherRepository
from dbsbm.games.weather.venues import Roof, venue_of

_HOUR = timedelta(hours=1)
KMH_PER_MPH = 1.609344


def fits(forecast: Forecast, starts_at: datetime) -> bool:
    """Whether the forecast is for the game's start: a moved game's old one is not."""
    return timedelta(0) <= starts_at - forecast.hour_at < _HOUR


def weather_lines(session: Session, games: Iterable[Game], words: Words, now: datetime) -> Mapping[int, Markdown]:
    """By game: wind and rain at the start of those still to be played in the open of which a forecast is known."""
    wanted = {game.game_id: game for game in games if game.starts_at > now and _open_air(game)}
    found = WeatherRepository(session).forecasts(wanted)
    return {
        game_id: _short(forecast, words)
        for game_id, forecast in found.items()
        if fits(forecast, wanted[game_id].starts_at)
    }


def total_line(session: Session, game: Game, words: Words, now: datetime) -> str:
    """What the weather means for a total, in words; empty where ``weather_lines`` has nothing to say."""
    if game.starts_at <= now or not _open_air(game):
        return ""
    forecast = WeatherRepository(session).forecast(game.game_id)
    if forecast is None or not fits(forecast, game.starts_at):
        return ""
    meaning = " ".join(words(f"weather.sign.{sign.value}") for sign in signs(forecast))
    return words("weather.totals", meaning=Markdown(meaning))


def _open_air(game: Game) -> bool:
    venue = venue_of(game.league, game.home)
    return venue is not None and venue.roof is not Roof.FIXED


def _short(forecast: Forecast, words: Words) -> Markdown:
    return words(
        "weather.short",
        sky=forecast.sky or "–",
        mph=f"{forecast.wind_kmh / KMH_PER_MPH:.0f}",
        origin=compass(forecast.wind_degrees),
        percent=forecast.rain_percent,
    )

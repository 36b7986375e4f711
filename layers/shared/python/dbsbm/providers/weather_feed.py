"""One run of the weather feed: the outdoor games that start within the plan's days, each when it is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dbsbm.core.clock import Clock
from dbsbm.core.errors import ProviderError
from dbsbm.database.database import Database
from dbsbm.environment import Environment
from dbsbm.games.feed.usage import UsageRepository
from dbsbm.games.model import Game
from dbsbm.games.repository import GameRepository
from dbsbm.games.weather.repository import WeatherRepository
from dbsbm.games.weather.venues import Roof, Venue, leagues, venue_of
from dbsbm.providers.errors import ProviderKeyError, ProviderQuotaError, ProviderRateError
from dbsbm.providers.fetching import Served
from dbsbm.providers.plan import due, rule
from dbsbm.providers.weather_api import PROVIDER, WeatherApi, read_forecast

RUN_S = 45.0


@dataclass(slots=True)
class WeatherRun:
    """What a run did."""

    calls: int = 0
    forecasts: int = 0
    beyond: int = 0
    """Games later than the plan's forecast reaches."""
    failures: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {
            "v": 1,
            "calls": self.calls,
            "forecasts": self.forecasts,
            "beyond": self.beyond,
            "failures": self.failures,
        }


@dataclass(frozen=True, slots=True)
class WeatherFeed:
    """The feed with everything it reaches. ``days``: how many the operator's plan forecasts, today included."""

    api: WeatherApi
    database: Database
    clock: Clock
    days: int

    def run(self) -> WeatherRun:
        """Fetch what is due; games at one place share a call.

        Raises
        ------
        ProviderError
            When the provider gave nothing at all, or refuses the key, the quota or the rate.
        DatabaseUnavailableError
            When nothing can be stored.
        """
        done, last = WeatherRun(), None
        until = self.clock.now() + timedelta(seconds=RUN_S)
        try:
            for venue, games in self._due():
                if self.clock.now() >= until:
                    break
                try:
                    self._venue(venue, games, done)
                except (ProviderKeyError, ProviderQuotaError, ProviderRateError):
                    raise
                except ProviderError as error:
                    last = error
                    done.failures.append(f"{venue.name}: {error.code}: {error.detail}")
        finally:
            self._count(done)
        if last is not None and done.forecasts == 0:
            raise last
        return done

    def _due(self) -> list[tuple[Venue, list[Game]]]:
        now, plan = self.clock.now(), rule(PROVIDER, "forecast")
        with self.database.read() as session:
            upcoming = GameRepository(session).upcoming(now, leagues=leagues())
            fetched = WeatherRepository(session).fetched([game.game_id for game in upcoming])
        found: dict[Venue, list[Game]] = {}
        for game in upcoming:
            venue = venue_of(game.league, game.home)
            if venue is None or venue.roof is Roof.FIXED or game.starts_at - now > timedelta(days=self.days - 1):
                continue
            if due(now, _fetched_at(game, fetched), plan.interval(now, game.starts_at, game.state)):
                found.setdefault(venue, []).append(game)
        return list(found.items())

    def _venue(self, venue: Venue, games: Sequence[Game], done: WeatherRun) -> None:
        done.calls += 1
        served: Served = self.api.forecast(venue, self.days)
        forecasts = [read_forecast(served, game.game_id, venue, game.starts_at) for game in games]
        done.beyond += sum(forecast is None for forecast in forecasts)
        with self.database.transaction() as session:
            for forecast in forecasts:
                if forecast is not None:
                    WeatherRepository(session).keep(forecast)
                    done.forecasts += 1

    def _count(self, done: WeatherRun) -> None:
        if done.calls:
            with self.database.transaction() as session:
                UsageRepository(session).record(
                    PROVIDER, self.clock.now(), requests=done.calls, cost=done.calls, remaining=None, used=None
                )


def _fetched_at(game: Game, fetched: dict[int, tuple[datetime, datetime]]) -> datetime | None:
    """When the forecast for this start was fetched; a game that was moved has none yet."""
    known = fetched.get(game.game_id)
    if known is None or not timedelta(0) <= game.starts_at - known[1] < timedelta(hours=1):
        return None
    return known[0]


def weather_feed(environment: Environment) -> WeatherFeed:
    """The feed of an execution environment."""
    settings, secret = environment.settings, environment.secret
    api = WeatherApi(
        environment.transport, settings.weather_api_base_url, lambda: secret("weather_api_key"), environment.clock
    )
    return WeatherFeed(api, environment.database, environment.clock, settings.weather_api_days)

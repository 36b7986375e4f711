"""API-Sports as a source of scores."""

from __future__ import annotations

from datetime import UTC, date, datetime

from dbsbm.environment import Environment
from dbsbm.games.model import EventReport
from dbsbm.providers.api_sports import PROVIDER, ApiSports, sport_hosts
from dbsbm.providers.api_sports_documents import read_games
from dbsbm.providers.archive import archive_of
from dbsbm.providers.fetching import Served
from dbsbm.providers.plan import rule
from dbsbm.providers.reading import Read
from dbsbm.providers.score_feed import ScoreFeed

_SPORTS = {league: sport for sport in sport_hosts() for league in sport.leagues}


class ApiSportsScores:
    """A sport's day is asked for once in a run, whichever of its leagues is due."""

    name = PROVIDER
    rule = rule(PROVIDER, "scores")

    def __init__(self, api: ApiSports) -> None:
        self._api = api
        self._served: dict[tuple[str, date], Served] = {}

    @staticmethod
    def key(league: str) -> str | None:
        sport = _SPORTS.get(league)
        return f"{sport.host}/{sport.leagues[league]}" if sport else None

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(UTC).date()

    def fetch(self, league: str, day: date) -> Served:
        sport = _SPORTS[league]
        if (sport.host, day) not in self._served:
            self._served[sport.host, day] = self._api.games(sport, day)
        return self._served[sport.host, day]

    @staticmethod
    def read(body: bytes, league: str, fetched_at: datetime) -> Read[EventReport]:
        return read_games(body, _SPORTS[league], league, fetched_at)

    def asked(self) -> int:
        return self._api.requests

    def quota(self) -> tuple[int | None, int | None]:
        return self._api.remaining, None


def api_sports_feed(environment: Environment) -> ScoreFeed:
    """The feed of an execution environment, for one run."""
    settings, secret = environment.settings, environment.secret
    api = ApiSports(
        environment.transport, settings.api_sports_base_url, lambda: secret("api_sports_key"), environment.clock
    )
    return ScoreFeed(
        ApiSportsScores(api),
        environment.database,
        environment.cache,
        environment.ids,
        environment.clock,
        archive_of(environment),
    )

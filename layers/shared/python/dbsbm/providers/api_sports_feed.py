"""API-Sports as a source of scores."""

from __future__ import annotations

from datetime import UTC, date, datetime

from dbsbm.environment import Environment
from dbsbm.games.facts.model import BoxReport
from dbsbm.games.model import EventReport
from dbsbm.providers.api_sports import PROVIDER, ApiSports, sport_hosts
from dbsbm.providers.api_sports_boxes import PATHS, read_players
from dbsbm.providers.api_sports_calendar import CalendarFeed
from dbsbm.providers.api_sports_documents import read_games
from dbsbm.providers.archive import archive_of
from dbsbm.providers.box_feed import BoxFeed
from dbsbm.providers.fetching import Served
from dbsbm.providers.plan import rule
from dbsbm.providers.reading import Read
from dbsbm.providers.score_feed import ScoreFeed

_SPORTS = {league: sport for sport in sport_hosts() for league in sport.leagues}


class ApiSportsScores:
    """A sport's day is asked for once in a run, whichever of its leagues is due."""

    name = PROVIDER
    box_rule = rule(PROVIDER, "boxes")
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

    def fetch(self, league: str, day: date, etag: str = "") -> Served:  # noqa: ARG002 - no header but the key's may be sent
        sport = _SPORTS[league]
        if (sport.host, day) not in self._served:
            self._served[sport.host, day] = self._api.games(sport, day)
        return self._served[sport.host, day]

    @staticmethod
    def read(body: bytes, league: str, fetched_at: datetime) -> Read[EventReport]:
        return read_games(body, _SPORTS[league], league, fetched_at)

    def has_boxes(self, league: str) -> bool:
        return league in _SPORTS and _SPORTS[league].shape in PATHS

    def fetch_box(self, league: str, event_id: str) -> Served:
        sport = _SPORTS[league]
        return self._api.players(sport, PATHS[sport.shape], event_id.rpartition("-")[2])

    @staticmethod
    def event_of(league: str, number: str) -> str:
        """The event whose number stands in a kept document's name."""
        return f"{_SPORTS[league].host}-{number}"

    @staticmethod
    def read_box(body: bytes, league: str, event_id: str, fetched_at: datetime) -> BoxReport | None:
        return read_players(body, _SPORTS[league], event_id, fetched_at)

    def asked(self) -> int:
        return self._api.requests

    def quota(self) -> tuple[int | None, int | None]:
        return self._api.remaining, None


def api_sports_feed(environment: Environment) -> ScoreFeed:
    """The feed of an execution environment, for one run."""
    return ScoreFeed(
        _source(environment),
        environment.database,
        environment.cache,
        environment.ids,
        environment.clock,
        archive_of(environment),
    )


def api_sports_boxes(environment: Environment) -> BoxFeed:
    """The players' statistics of an execution environment, for one run."""
    return BoxFeed(_source(environment), environment.database, environment.clock, archive_of(environment))


def api_sports_calendar(environment: Environment) -> CalendarFeed:
    """The races of an execution environment, for one run."""
    return CalendarFeed(
        _api(environment),
        environment.database,
        environment.cache,
        environment.ids,
        environment.clock,
        archive_of(environment),
    )


def _source(environment: Environment) -> ApiSportsScores:
    return ApiSportsScores(_api(environment))


def _api(environment: Environment) -> ApiSports:
    base_url, secret = environment.settings.api_sports_base_url, environment.secret
    return ApiSports(environment.transport, base_url, lambda: secret("api_sports_key"), environment.clock)

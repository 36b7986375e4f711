"""ESPN as a source of scores."""

from __future__ import annotations

from datetime import date, datetime

from dbsbm.environment import Environment
from dbsbm.games.facts.model import BoxReport
from dbsbm.games.model import EventReport
from dbsbm.providers.archive import archive_of
from dbsbm.providers.box_feed import BoxFeed
from dbsbm.providers.espn import PROVIDER, Espn, day_of, espn_leagues
from dbsbm.providers.espn_boxes import read_summary
from dbsbm.providers.espn_documents import read_scoreboard
from dbsbm.providers.fetching import Served
from dbsbm.providers.plan import rule
from dbsbm.providers.reading import Read
from dbsbm.providers.score_feed import ScoreFeed

_LEAGUES = {row.league: row for row in espn_leagues()}


class EspnScores:
    """ESPN as a source of scores."""

    name = PROVIDER
    box_rule = rule(PROVIDER, "boxes")
    rule = rule(PROVIDER, "scores")

    def __init__(self, espn: Espn) -> None:
        self._espn = espn
        self._asked = 0

    @staticmethod
    def key(league: str) -> str | None:
        row = _LEAGUES.get(league)
        return row.path if row else None

    def day_of(self, moment: datetime) -> date:
        return day_of(moment)

    def fetch(self, league: str, day: date, etag: str = "") -> Served:
        self._asked += 1
        return self._espn.scoreboard(_LEAGUES[league], day, etag)

    @staticmethod
    def read(body: bytes, league: str, fetched_at: datetime) -> Read[EventReport]:
        return read_scoreboard(body, _LEAGUES[league], fetched_at)

    def has_boxes(self, league: str) -> bool:
        return league in _LEAGUES

    def fetch_box(self, league: str, event_id: str) -> Served:
        self._asked += 1
        return self._espn.summary(_LEAGUES[league], event_id)

    @staticmethod
    def event_of(_league: str, number: str) -> str:
        """The event whose number stands in a kept document's name."""
        return number

    @staticmethod
    def read_box(body: bytes, league: str, event_id: str, fetched_at: datetime) -> BoxReport | None:
        return read_summary(body, _LEAGUES[league], event_id, fetched_at)

    def asked(self) -> int:
        return self._asked

    def quota(self) -> tuple[int | None, int | None]:
        return None, None


def espn_feed(environment: Environment) -> ScoreFeed:
    """The feed of an execution environment."""
    return ScoreFeed(
        _source(environment),
        environment.database,
        environment.cache,
        environment.ids,
        environment.clock,
        archive_of(environment),
    )


def espn_boxes(environment: Environment) -> BoxFeed:
    """The box scores of an execution environment."""
    return BoxFeed(_source(environment), environment.database, environment.clock, archive_of(environment))


def _source(environment: Environment) -> EspnScores:
    return EspnScores(Espn(environment.transport, environment.settings.espn_base_url, environment.clock))

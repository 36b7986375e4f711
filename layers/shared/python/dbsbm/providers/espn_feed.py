"""ESPN as a source of scores."""

from __future__ import annotations

from datetime import date, datetime

from dbsbm.environment import Environment
from dbsbm.games.model import EventReport
from dbsbm.providers.archive import archive_of
from dbsbm.providers.espn import PROVIDER, Espn, day_of, espn_leagues
from dbsbm.providers.espn_documents import read_scoreboard
from dbsbm.providers.fetching import Served
from dbsbm.providers.plan import rule
from dbsbm.providers.reading import Read
from dbsbm.providers.score_feed import ScoreFeed

_LEAGUES = {row.league: row for row in espn_leagues()}


class EspnScores:
    """ESPN as a source of scores."""

    name = PROVIDER
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

    def fetch(self, league: str, day: date) -> Served:
        self._asked += 1
        return self._espn.scoreboard(_LEAGUES[league], day)

    @staticmethod
    def read(body: bytes, league: str, fetched_at: datetime) -> Read[EventReport]:
        return read_scoreboard(body, _LEAGUES[league], fetched_at)

    def asked(self) -> int:
        return self._asked

    def quota(self) -> tuple[int | None, int | None]:
        return None, None


def espn_feed(environment: Environment) -> ScoreFeed:
    """The feed of an execution environment."""
    espn = Espn(environment.transport, environment.settings.espn_base_url, environment.clock)
    return ScoreFeed(
        EspnScores(espn),
        environment.database,
        environment.cache,
        environment.ids,
        environment.clock,
        archive_of(environment),
    )

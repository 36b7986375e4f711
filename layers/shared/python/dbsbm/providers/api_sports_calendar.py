"""The calendar of leagues that no odds feed lists: races, taken in once a day so that they can be bet on."""

from __future__ import annotations

import gzip
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dbsbm.cache.cache import Cache
from dbsbm.core.clock import Clock
from dbsbm.core.errors import DbsbmError, ProviderError
from dbsbm.core.ids import Ids
from dbsbm.database.database import Database
from dbsbm.games.feed.repository import FeedRepository
from dbsbm.games.feed.usage import UsageRepository
from dbsbm.games.model import GameReport
from dbsbm.games.service import ingest
from dbsbm.providers.api_sports import PROVIDER, ApiSports, SportHost, sport_hosts
from dbsbm.providers.api_sports_races import read_calendar
from dbsbm.providers.archive import Archive
from dbsbm.providers.plan import due, rule
from dbsbm.providers.reading import Read

KIND = "calendar"
_RACES = {league: sport for sport in sport_hosts() if sport.shape == "formula_1" for league in sport.leagues}


@dataclass(slots=True)
class CalendarRun:
    """What a run did, for its log line and its result."""

    games: int = 0
    problems: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {"games": self.games, "problems": self.problems, "failures": self.failures}


def calendar(body: bytes, league: str, fetched_at: datetime) -> Read[GameReport]:
    """The races of a kept document. Raises ProviderDocumentError."""
    return read_calendar(body, _RACES[league], league, fetched_at)


@dataclass(frozen=True, slots=True)
class CalendarFeed:
    """The feed with everything it reaches."""

    api: ApiSports
    database: Database
    cache: Cache
    ids: Ids
    clock: Clock
    archive: Archive | None

    def run(self, leagues: Collection[str] | None = None) -> CalendarRun:
        """Fetch the season where that is due; with ``leagues`` those of these, due or not.

        A fault is written down: the next run asks again.

        Raises
        ------
        DatabaseUnavailableError
            When nothing can be stored.
        """
        done, before = CalendarRun(), self.api.requests
        try:
            for league, sport in _RACES.items():
                if self._due(league, leagues):
                    self._season(league, sport, done)
        except ProviderError as error:
            done.failures.append(f"{KIND}: {error.code}: {error.detail}")
        finally:
            self._count(self.api.requests - before)
        return done

    def _due(self, league: str, forced: Collection[str] | None) -> bool:
        if forced is not None:
            return league in forced
        with self.database.read() as session:
            fetched = FeedRepository(session, self.ids).fetches(PROVIDER)
        return due(self.clock.now(), fetched.get((league, KIND)), rule(PROVIDER, KIND).otherwise)

    def _season(self, league: str, sport: SportHost, done: CalendarRun) -> None:
        served = self.api.season(sport, self.clock.now().year)
        if self.archive is not None:
            try:
                key = f"{PROVIDER}/{league}/{served.fetched_at:%Y/%m/%d/%H%M%S}-{KIND}.json.gz"
                self.archive(key, gzip.compress(served.body, 6, mtime=0))
            except DbsbmError as error:
                done.failures.append(f"{league} {KIND}: not archived: {error.detail}")
        read = calendar(served.body, league, served.fetched_at)
        done.problems.extend(problem.detail for problem in read.problems)
        done.games += ingest(self.database.run, self.cache, self.ids, games=read.reports).games
        with self.database.transaction() as session:
            FeedRepository(session, self.ids).record_fetch(PROVIDER, league, KIND, served.fetched_at)

    def _count(self, requests: int) -> None:
        if not requests:
            return
        now = self.clock.now()
        with self.database.transaction() as session:
            UsageRepository(session).record(
                PROVIDER, now, requests=requests, cost=requests, remaining=self.api.remaining, used=None
            )

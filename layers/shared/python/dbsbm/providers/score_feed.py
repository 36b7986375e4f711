"""One run of a second score source: the days that have games of ours, each when it is due."""

from __future__ import annotations

import gzip
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from dbsbm.cache.cache import Cache
from dbsbm.core.clock import Clock
from dbsbm.core.errors import DbsbmError, ProviderError
from dbsbm.core.ids import Ids
from dbsbm.database.database import Database
from dbsbm.games.feed.repository import FeedRepository
from dbsbm.games.feed.usage import UsageRepository
from dbsbm.games.model import EventReport, GameState
from dbsbm.games.sources.repository import SourceRepository
from dbsbm.games.sources.service import Sourced, take_in
from dbsbm.providers.archive import Archive
from dbsbm.providers.errors import ProviderKeyError, ProviderQuotaError, ProviderRateError
from dbsbm.providers.fetching import Served
from dbsbm.providers.plan import Rule, due
from dbsbm.providers.reading import Read

RUN_S = 45.0
_MAX_PROBLEMS = 50


class ScoreSource(Protocol):
    """A provider that answers with a league's games of a day."""

    name: str
    rule: Rule

    def key(self, league: str) -> str | None:
        """The provider's name of a league; None when it does not have it."""
        ...

    def day_of(self, moment: datetime) -> date:
        """The day under which the provider lists a start."""
        ...

    def fetch(self, league: str, day: date, etag: str = "") -> Served:
        """The day's document, or that it is still the one called ``etag``. Raises ProviderError."""
        ...

    def read(self, body: bytes, league: str, fetched_at: datetime) -> Read[EventReport]:
        """Raises ProviderDocumentError."""
        ...

    def asked(self) -> int:
        """How many requests were sent so far."""
        ...

    def quota(self) -> tuple[int | None, int | None]:
        """What the provider last said of its period: remaining, used."""
        ...


@dataclass(slots=True)
class ScoreRun:
    """What a run did, for its log line and its result."""

    documents: int = 0
    unchanged: int = 0
    """Of the documents those that were taken in before and not sent again."""
    requests: int = 0
    sourced: Sourced = field(default_factory=Sourced)
    problems: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    put_off: int = 0

    def to_json(self) -> dict[str, Any]:
        sourced = self.sourced
        return {
            "v": 1,
            "documents": self.documents,
            "unchanged": self.unchanged,
            "requests": self.requests,
            "matched": sourced.matched,
            "unmatched": sourced.unmatched,
            "changes": sourced.changes,
            "scores": sourced.scores,
            "problems": self.problems[:_MAX_PROBLEMS],
            "problem_count": len(self.problems),
            "failures": self.failures,
            "put_off": self.put_off,
        }


@dataclass(frozen=True, slots=True)
class ScoreFeed:
    """The feed with everything it reaches."""

    source: ScoreSource
    database: Database
    cache: Cache
    ids: Ids
    clock: Clock
    archive: Archive | None

    def run(self, leagues: Collection[str] | None = None) -> ScoreRun:
        """Fetch what is due; with ``leagues`` every day of these that has games, due or not.

        A fault of one document is written down and the next one tried; one of the key, the quota or the rate ends
        the run, because the next request would meet it too.

        Raises
        ------
        ProviderError
            When the provider gave nothing at all.
        DatabaseUnavailableError
            When nothing can be stored.
        """
        done = ScoreRun()
        until = self.clock.now() + timedelta(seconds=RUN_S)
        last: ProviderError | None = None
        before = self.source.asked()
        try:
            for league, day in self._due(leagues):
                if self.clock.now() >= until:
                    done.put_off += 1
                    continue
                try:
                    self._document(league, day, done)
                except (ProviderKeyError, ProviderQuotaError, ProviderRateError):
                    raise
                except ProviderError as error:
                    last = error
                    done.failures.append(f"{league} {day}: {error.code}: {error.detail}")
        finally:
            done.requests = self.source.asked() - before
            self._count(done)
        if last is not None and done.documents == 0:
            raise last
        return done

    def _due(self, forced: Collection[str] | None) -> Sequence[tuple[str, date]]:
        now, rule = self.clock.now(), self.source.rule
        with self.database.read() as session:
            starts = SourceRepository(session).starts(now - rule.looks_back, now + rule.looks_ahead)
            fetched = FeedRepository(session, self.ids).fetches(self.source.name)
        intervals = _intervals(self.source, starts, now)
        if forced is not None:
            return [key for key in intervals if key[0] in forced]
        return [
            (league, day)
            for (league, day), interval in intervals.items()
            if due(now, fetched.get((self.source.key(league) or "", f"{day:%Y%m%d}")), interval)
        ]

    def _document(self, league: str, day: date, done: ScoreRun) -> None:
        key = (self.source.key(league) or "", f"{day:%Y%m%d}")
        with self.database.read() as session:
            known = FeedRepository(session, self.ids).etags(self.source.name).get(key, "")
        served = self.source.fetch(league, day, known)
        etag = served.etag
        if served.unchanged:
            done.unchanged += 1
        else:
            self._keep(league, day, served, done)
            etag = etag if self._take_in(league, served, done) else ""
        with self.database.transaction() as session:
            FeedRepository(session, self.ids).record_fetch(self.source.name, *key, served.fetched_at, etag)
        done.documents += 1

    def _take_in(self, league: str, served: Served, done: ScoreRun) -> bool:
        """Says whether all of it was taken in: what is no game of ours yet may be one when it is read again."""
        read = self.source.read(served.body, league, served.fetched_at)
        done.problems.extend(problem.detail for problem in read.problems)
        sourced = take_in(self.database.run, self.cache, read.reports)
        done.sourced += sourced
        return not read.problems and sourced.unmatched == 0

    def _keep(self, league: str, day: date, served: Served, done: ScoreRun) -> None:
        if self.archive is None:
            return
        try:
            self.archive(self._archive_key(league, day, served.fetched_at), gzip.compress(served.body, 6, mtime=0))
        except DbsbmError as error:
            done.failures.append(f"{league} {day}: not archived: {error.detail}")

    def _archive_key(self, league: str, day: date, at: datetime) -> str:
        """``<provider>/<league>/<yyyy>/<mm>/<dd>/<hhmmss>-<day>.json.gz``, in UTC."""
        return f"{self.source.name}/{league}/{at:%Y/%m/%d/%H%M%S}-{day:%Y%m%d}.json.gz"

    def _count(self, done: ScoreRun) -> None:
        if not done.requests:
            return
        remaining, used = self.source.quota()
        with self.database.transaction() as session:
            UsageRepository(session).record(
                self.source.name,
                self.clock.now(),
                requests=done.requests,
                cost=done.requests,
                remaining=remaining,
                used=used,
            )


def _intervals(
    source: ScoreSource, starts: Sequence[tuple[str, datetime, GameState]], now: datetime
) -> Mapping[tuple[str, date], timedelta]:
    """League and day, each with the shortest interval that any of its games asks for."""
    found: dict[tuple[str, date], timedelta] = {}
    for league, starts_at, state in starts:
        interval = source.rule.interval(now, starts_at, state)
        if interval is None or source.key(league) is None:
            continue
        key = (league, source.day_of(starts_at))
        found[key] = min(interval, found.get(key, interval))
    return found

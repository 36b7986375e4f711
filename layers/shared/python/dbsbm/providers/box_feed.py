"""One run of a source's box scores: asked for only where bets on players are, kept raw and normalised."""

from __future__ import annotations

import gzip
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from dbsbm.bets.told.repository import PropRepository, Wanted
from dbsbm.core.clock import Clock
from dbsbm.core.errors import DbsbmError, ProviderError
from dbsbm.database.database import Database
from dbsbm.games.facts.model import BoxReport
from dbsbm.games.facts.repository import FactsRepository
from dbsbm.games.feed.usage import UsageRepository
from dbsbm.games.model import GameState
from dbsbm.providers.archive import Archive
from dbsbm.providers.errors import ProviderKeyError, ProviderQuotaError, ProviderRateError
from dbsbm.providers.fetching import Served
from dbsbm.providers.plan import Rule, due

KEPT_FOR_SCORES = 20
"""Requests of a day's quota that box scores leave: scores come first."""
RUN_S = 20.0
"""After this no further box score is begun: the scores of the same run have had their time before."""


class BoxSource(Protocol):
    """A provider that tells what the players of an event did."""

    name: str
    box_rule: Rule

    def has_boxes(self, league: str) -> bool:
        """Whether it tells of a league's players."""
        ...

    def fetch_box(self, league: str, event_id: str) -> Served:
        """Raises ProviderError."""
        ...

    def read_box(self, body: bytes, league: str, event_id: str, fetched_at: datetime) -> BoxReport | None:
        """Raises ProviderDocumentError."""
        ...

    def asked(self) -> int:
        """How many requests were sent so far."""
        ...

    def quota(self) -> tuple[int | None, int | None]:
        """What the provider last said of its period: remaining, used."""
        ...


@dataclass(slots=True)
class BoxRun:
    """What a run did, for its log line and its result."""

    boxes: int = 0
    changed: int = 0
    not_told: int = 0
    """Events whose players the source does not tell of yet."""
    failures: list[str] = field(default_factory=list)
    put_off: int = 0

    def to_json(self) -> dict[str, Any]:
        return {
            "boxes": self.boxes,
            "changed": self.changed,
            "not_told": self.not_told,
            "failures": self.failures,
            "put_off": self.put_off,
        }


@dataclass(frozen=True, slots=True)
class BoxFeed:
    """The feed with everything it reaches."""

    source: BoxSource
    database: Database
    clock: Clock
    archive: Archive | None

    def run(self, leagues: Collection[str] | None = None) -> BoxRun:
        """Fetch what is due; with ``leagues`` every box score of these, due or not.

        A fault of one document is written down and the next one tried; one of the key, the quota or the rate ends the
        run with what it has.

        Raises
        ------
        DatabaseUnavailableError
            When nothing can be stored.
        """
        done, before = BoxRun(), self.source.asked()
        until = self.clock.now() + timedelta(seconds=RUN_S)
        try:
            for wanted in self._due(leagues):
                left = self.source.quota()[0]
                if self.clock.now() >= until or (left is not None and left < KEPT_FOR_SCORES):
                    done.put_off += 1
                    continue
                try:
                    self._document(wanted, done)
                except ProviderError as error:
                    done.failures.append(f"{wanted.league} {wanted.provider_game_id}: {error.code}: {error.detail}")
                    if isinstance(error, ProviderKeyError | ProviderQuotaError | ProviderRateError):
                        break
        finally:
            self._count(self.source.asked() - before)
        return done

    def _due(self, forced: Collection[str] | None) -> list[Wanted]:
        now, rule = self.clock.now(), self.source.box_rule
        with self.database.read() as session:
            found = PropRepository(session).wanted(self.source.name, now - rule.looks_back, now)
        found = [each for each in found if self.source.has_boxes(each.league)]
        if forced is not None:
            return [each for each in found if each.league in forced]
        return [each for each in found if due(now, each.reported_at, self._interval(each, now))]

    def _interval(self, wanted: Wanted, now: datetime) -> timedelta | None:
        """Once every bet is graded, a box score is asked for again for its corrections alone."""
        rule = self.source.box_rule
        if wanted.reported_at is not None and not wanted.open_bets:
            return rule.afterwards[-1][1]
        return rule.interval(now, wanted.starts_at, GameState.FINAL)

    def _document(self, wanted: Wanted, done: BoxRun) -> None:
        league, event_id = wanted.league, wanted.provider_game_id
        served = self.source.fetch_box(league, event_id)
        self._keep(wanted, served, done)
        report = self.source.read_box(served.body, league, event_id, served.fetched_at)
        if report is None:
            done.not_told += 1
            return
        changed = self.database.run(lambda session: FactsRepository(session).keep(wanted.game_id, report))
        done.boxes += 1
        done.changed += changed

    def _keep(self, wanted: Wanted, served: Served, done: BoxRun) -> None:
        if self.archive is None:
            return
        try:
            key = archive_key(self.source.name, wanted.league, wanted.provider_game_id, served.fetched_at)
            self.archive(key, gzip.compress(served.body, 6, mtime=0))
        except DbsbmError as error:
            done.failures.append(f"{wanted.league} {wanted.provider_game_id}: not archived: {error.detail}")

    def _count(self, requests: int) -> None:
        if not requests:
            return
        remaining, used = self.source.quota()
        now = self.clock.now()
        with self.database.transaction() as session:
            UsageRepository(session).record(
                self.source.name, now, requests=requests, cost=requests, remaining=remaining, used=used
            )


def archive_key(provider: str, league: str, event_id: str, at: datetime) -> str:
    """``<provider>/<league>/<yyyy>/<mm>/<dd>/<hhmmss>-box<event's number>.json.gz``, in UTC."""
    return f"{provider}/{league}/{at:%Y/%m/%d/%H%M%S}-box{event_id.rpartition('-')[2]}.json.gz"

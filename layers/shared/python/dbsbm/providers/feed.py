"""One run of the odds feed: fetch, keep the raw document, normalise, ingest – league by league."""

from __future__ import annotations

import gzip
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from dbsbm.cache.cache import Cache
from dbsbm.core.clock import Clock
from dbsbm.core.errors import DbsbmError, ProviderError
from dbsbm.core.ids import Ids
from dbsbm.database.database import Database
from dbsbm.environment import Environment
from dbsbm.games.feed.repository import FeedRepository
from dbsbm.games.feed.usage import Usage, UsageRepository, allowance, day_of
from dbsbm.games.service import Ingested, ingest, warm
from dbsbm.providers.archive import Archive, archive_of
from dbsbm.providers.errors import ProviderKeyError, ProviderQuotaError
from dbsbm.providers.leagues import FeedLeague, feed_leagues
from dbsbm.providers.odds_api import PROVIDER, SCORE_DAYS, Document, OddsApi, Quota
from dbsbm.providers.odds_api_documents import read_odds, read_scores
from dbsbm.providers.plan import JUST_BEGUN, LeagueStanding, odds_due, scores_due
from dbsbm.providers.prop_feed import PropDocument, PropFeed

Kind = Literal["odds", "scores"]

RUN_S = 45.0
"""After this no further document is begun; the function's own limit is 60 s, a request's 10 s."""
_MAX_PROBLEMS = 50
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class FeedRun:
    """What a run did, for its log line and its result."""

    documents: int = 0
    ingested: Ingested = field(default_factory=Ingested)
    problems: list[str] = field(default_factory=list)
    """Entries that could not be read; the rest of their document was taken."""
    failures: list[str] = field(default_factory=list)
    """Documents that were not fetched, stored or kept."""
    quota: Quota | None = None
    put_off: int = 0
    """Documents left for the next run because time was up."""
    saved: int = 0
    """Documents not asked for because the month's credits are to last."""
    players: int = 0
    """Documents of prices on players, one a game."""
    requests: int = 0
    spent: int = 0
    month: Usage | None = None

    def to_json(self) -> dict[str, Any]:
        quota = self.quota
        return {
            "v": 1,
            "documents": self.documents,
            "players": self.players,
            "games": self.ingested.games,
            "prices": self.ingested.prices,
            "scores": self.ingested.scores,
            "problems": self.problems[:_MAX_PROBLEMS],
            "problem_count": len(self.problems),
            "failures": self.failures,
            "put_off": self.put_off,
            "saved": self.saved,
            "quota": None if quota is None else {"remaining": quota.remaining, "used": quota.used, "last": quota.last},
            "month": None if self.month is None else {"credits": self.month.credits, "forecast": self.month.forecast},
        }


@dataclass(frozen=True, slots=True)
class Feed:
    """The feed with everything it reaches. ``budget``: credits of a calendar month that its plan keeps to, or None."""

    api: OddsApi
    database: Database
    cache: Cache
    ids: Ids
    clock: Clock
    archive: Archive | None
    budget: int | None = None

    def run(self, leagues: Collection[str] | None = None) -> FeedRun:
        """Fetch what is due and can be paid for; with ``leagues`` everything of these, due or not, at any price.

        A provider's or a document's fault is written down and the next one tried; a fault of the key or the quota
        ends the run.

        Raises
        ------
        ProviderError
            When the provider gave nothing at all.
        DatabaseUnavailableError
            When nothing can be stored.
        """
        done = FeedRun()
        until = self.clock.now() + timedelta(seconds=RUN_S)
        active, done.quota = self.api.active_sports()
        wanted = [league for league in feed_leagues() if league.sport_key in active]
        try:
            left = None if leagues is not None else self._left()
            self._fetch(list(self._due(wanted, leagues)), left, until, done)
            if done.ingested.anything:
                warm(self.cache, self.database.read, self.clock.now())
            if leagues is None:
                self._fetch_props(wanted, left, until, done)
        finally:
            self._count(done)
        return done

    def _fetch(
        self, documents: list[tuple[FeedLeague, Kind]], left: int | None, until: datetime, done: FeedRun
    ) -> None:
        last: ProviderError | None = None
        for league, kind in documents:
            if self.clock.now() >= until:
                done.put_off += 1
                continue
            if left is not None and done.spent + cost(league, kind) > left:
                done.saved += 1
                continue
            try:
                self._document(league, kind, done)
            except (ProviderKeyError, ProviderQuotaError):
                raise
            except ProviderError as error:
                last = error
                done.failures.append(f"{league.league} {kind}: {error.code}: {error.detail}")
        if last is not None and done.documents == 0:
            raise last

    def _fetch_props(self, wanted: list[FeedLeague], left: int | None, until: datetime, done: FeedRun) -> None:
        """Players are paid for with what the pace leaves above a day's credits, so that games never wait for them."""
        players = PropFeed(self.api, self.database, self.ids, self.clock, self.archive)
        kept_back = 0 if self.budget is None else day_of(self.budget, self.clock.now())
        for document in players.due(wanted):
            if self.clock.now() >= until:
                done.put_off += 1
            elif left is not None and done.spent + document.cost + kept_back > left:
                done.saved += 1
            else:
                self._props(players, document, done)

    def _props(self, players: PropFeed, wanted: PropDocument, done: FeedRun) -> None:
        done.requests += 1
        try:
            document = players.fetch(wanted)
            done.quota = document.quota
            done.spent += wanted.cost if document.quota.last is None else document.quota.last
            not_kept = players.keep(wanted, document)
            if not_kept is not None:
                done.failures.append(not_kept)
            stored, problems = players.take(wanted, document)
        except (ProviderKeyError, ProviderQuotaError):
            raise
        except ProviderError as error:
            done.failures.append(f"{wanted.name}: {error.code}: {error.detail}")
            return
        done.ingested += stored
        done.problems.extend(problems)
        done.players += 1

    def _left(self) -> int | None:
        """Credits that the month's pace leaves for this run."""
        if self.budget is None:
            return None
        now = self.clock.now()
        with self.database.read() as session:
            spent = UsageRepository(session).month(PROVIDER, now).credits
        return allowance(self.budget, now) - spent

    def _count(self, done: FeedRun) -> None:
        now, quota = self.clock.now(), done.quota
        with self.database.transaction() as session:
            usage = UsageRepository(session)
            if done.requests and quota is not None:
                usage.record(
                    PROVIDER,
                    now,
                    requests=done.requests,
                    cost=done.spent,
                    remaining=quota.remaining,
                    used=quota.used,
                )
            done.month = usage.month(PROVIDER, now)

    def _due(self, wanted: list[FeedLeague], forced: Collection[str] | None) -> Iterator[tuple[FeedLeague, Kind]]:
        if forced is not None:
            for league in wanted:
                if league.league in forced:
                    yield league, "odds"
                    if league.scores:
                        yield league, "scores"
            return
        now = self.clock.now()
        with self.database.read() as session:
            repository = FeedRepository(session, self.ids)
            fetched = repository.fetches(PROVIDER)
            standings = repository.standings(now, JUST_BEGUN, timedelta(days=SCORE_DAYS))
        ordered = [(league, LeagueStanding(*standings.get(league.league, (None, 0, 0)))) for league in wanted]
        ordered.sort(key=lambda row: row[1].next_start or _NEVER)  # what is nearest its close is paid for first
        for league, standing in ordered:
            if odds_due(now, fetched.get((league.sport_key, "odds")), standing):
                yield league, "odds"
            if league.scores and scores_due(now, fetched.get((league.sport_key, "scores")), standing):
                yield league, "scores"

    def _document(self, league: FeedLeague, kind: Kind, done: FeedRun) -> None:
        done.requests += 1
        document = self.api.odds(league) if kind == "odds" else self.api.scores(league)
        done.quota = document.quota
        done.spent += cost(league, kind) if document.quota.last is None else document.quota.last
        self._keep(league, kind, document, done)
        if kind == "odds":
            games = read_odds(document.body, league, document.fetched_at)
            done.problems.extend(problem.detail for problem in games.problems)
            done.ingested += ingest(self.database.run, self.cache, self.ids, games=games.reports)
        else:
            scores = read_scores(document.body, league, document.fetched_at)
            done.problems.extend(problem.detail for problem in scores.problems)
            done.ingested += ingest(self.database.run, self.cache, self.ids, scores=scores.reports)
        with self.database.transaction() as session:
            FeedRepository(session, self.ids).record_fetch(PROVIDER, league.sport_key, kind, document.fetched_at)
        done.documents += 1

    def _keep(self, league: FeedLeague, kind: Kind, document: Document, done: FeedRun) -> None:
        if self.archive is None:
            return
        try:
            self.archive(archive_key(league, kind, document.fetched_at), gzip.compress(document.body, 6, mtime=0))
        except DbsbmError as error:
            done.failures.append(f"{league.league} {kind}: not archived: {error.detail}")


def cost(league: FeedLeague, kind: Kind) -> int:
    """Credits of a document that is not empty: a credit per market and region, two for scores of past days."""
    return len(league.markets.split(",")) * len(league.regions.split(",")) if kind == "odds" else 2


def archive_key(league: FeedLeague, kind: Kind, fetched_at: datetime) -> str:
    """``the_odds_api/v4/<sport>/<yyyy>/<mm>/<dd>/<hhmmss>-<kind>.json.gz``, in UTC."""
    return f"{PROVIDER}/v4/{league.sport_key}/{fetched_at:%Y/%m/%d/%H%M%S}-{kind}.json.gz"


def feed_of(environment: Environment) -> Feed:
    """The feed of an execution environment."""
    settings = environment.settings
    key = environment.secret
    transport = environment.transport
    return Feed(
        OddsApi(transport, settings.odds_api_base_url, lambda: key("odds_api_key"), environment.clock),
        environment.database,
        environment.cache,
        environment.ids,
        environment.clock,
        archive_of(environment),
        settings.odds_api_monthly_credits,
    )

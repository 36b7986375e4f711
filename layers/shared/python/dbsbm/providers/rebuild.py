"""Makes games, prices and scores again from the raw documents that were kept, to the same rows.

Documents are taken in the order in which they were fetched. What a person decided – which game an event is – is not in
any document and is not made again.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote

from dbsbm.cache.cache import Cache
from dbsbm.core.ids import Ids
from dbsbm.database.database import Database
from dbsbm.games.facts.repository import FactsRepository
from dbsbm.games.feed.repository import FeedRepository
from dbsbm.games.repository import GameRepository
from dbsbm.games.service import ingest, ingest_props
from dbsbm.games.sources.service import take_in
from dbsbm.providers import api_sports, espn, odds_api
from dbsbm.providers.api_sports_calendar import KIND as CALENDAR
from dbsbm.providers.api_sports_calendar import calendar
from dbsbm.providers.api_sports_feed import ApiSportsScores
from dbsbm.providers.errors import ProviderDocumentError
from dbsbm.providers.espn_feed import EspnScores
from dbsbm.providers.leagues import feed_leagues
from dbsbm.providers.odds_api_documents import read_odds, read_scores
from dbsbm.providers.odds_api_props import read_props
from dbsbm.providers.prop_feed import KIND as PROPS

_KEY = re.compile(
    r"(?P<provider>[a-z_]+)/(?:v4/)?(?P<league>[a-z0-9_]+)/(?P<day>\d{4}/\d\d/\d\d)/(?P<time>\d{6})-"
    r"(?P<kind>[a-z0-9]+)(?:-(?P<event>[\w.%~-]{1,192}))?\.json\.gz"
)
_BOX = "box"
_ORDER = (odds_api.PROVIDER, espn.PROVIDER, api_sports.PROVIDER)
"""Of documents of one second: the games come before what is said of them."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A raw document's place: ``league`` is the provider's own key for The Odds API, ours for the others."""

    key: str
    provider: str
    league: str
    kind: str
    fetched_at: datetime
    event: str = ""
    """The provider's id of the only game in the document, where its key has one."""


@dataclass(slots=True)
class Rebuilt:
    """What was done: documents taken in, and keys of those that could not be read then either."""

    documents: int = 0
    unread: int = 0


def kept(key: str) -> Kept | None:
    """What a key in the bucket says; None for a key that is no document of ours."""
    found = _KEY.fullmatch(key)
    if found is None or found["provider"] not in _ORDER:
        return None
    at = datetime.strptime(f"{found['day']} {found['time']}", "%Y/%m/%d %H%M%S").replace(tzinfo=UTC)
    return Kept(key, found["provider"], found["league"], found["kind"], at, unquote(found["event"] or ""))


def in_order(keys: Iterable[str]) -> list[Kept]:
    """The documents among these keys as they were fetched."""
    found = [document for key in keys if (document := kept(key)) is not None]
    return sorted(found, key=lambda each: (each.fetched_at, _ORDER.index(each.provider), each.key))


@dataclass(frozen=True, slots=True)
class Rebuild:
    """Into an empty database: what is there already stays, as when a document comes a second time."""

    database: Database
    cache: Cache
    ids: Ids

    def take(self, document: Kept, body: bytes, done: Rebuilt) -> None:
        """Take in one document; ``body`` is as it was kept, or unpacked by what fetched it from the bucket."""
        try:
            plain = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
            if document.kind.startswith(_BOX):
                done.documents += self._box(document, plain)
                return
            if document.kind == CALENDAR:
                done.documents += self._calendar(document, plain)
                return
            if document.kind == PROPS:
                done.documents += self._props(document, plain)
                return
            if document.provider == odds_api.PROVIDER:
                sport_key = self._odds_api(document, plain)
            else:
                sport_key = self._scores(document, plain)
        except ProviderDocumentError:
            done.unread += 1
            return
        with self.database.transaction() as session:
            FeedRepository(session, self.ids).record_fetch(
                document.provider, sport_key, document.kind, document.fetched_at
            )
        done.documents += 1

    def _odds_api(self, document: Kept, body: bytes) -> str:
        league = next(row for row in feed_leagues() if row.sport_key == document.league)
        if document.kind == "odds":
            games = read_odds(body, league, document.fetched_at).reports
            ingest(self.database.run, self.cache, self.ids, games=games)
        else:
            scores = read_scores(body, league, document.fetched_at).reports
            ingest(self.database.run, self.cache, self.ids, scores=scores)
        return league.sport_key

    def _props(self, document: Kept, body: bytes) -> bool:
        """The players of a game that an earlier document named; says whether one did."""
        league = next(row for row in feed_leagues() if row.sport_key == document.league)
        with self.database.read() as session:
            game_id = GameRepository(session).find_source(document.provider, document.event)
        if game_id is None:
            return False
        for report in read_props(body, league, document.fetched_at).reports:
            ingest_props(self.database.run, self.ids, game_id, report)
        return True

    def _calendar(self, document: Kept, body: bytes) -> bool:
        games = calendar(body, document.league, document.fetched_at).reports
        ingest(self.database.run, self.cache, self.ids, games=games)
        with self.database.transaction() as session:
            fetches = FeedRepository(session, self.ids)
            fetches.record_fetch(document.provider, document.league, CALENDAR, document.fetched_at)
        return True

    def _box(self, document: Kept, body: bytes) -> bool:
        """A box score of a game that its source's scoreboards named before; says whether there was one."""
        source = EspnScores if document.provider == espn.PROVIDER else ApiSportsScores
        event_id = source.event_of(document.league, document.kind.removeprefix(_BOX))
        with self.database.read() as session:
            game_id = GameRepository(session).find_source(document.provider, event_id)
        report = source.read_box(body, document.league, event_id, document.fetched_at)
        if game_id is None or report is None:
            return False
        self.database.run(lambda session: FactsRepository(session).keep(game_id, report))
        return True

    def _scores(self, document: Kept, body: bytes) -> str:
        source = EspnScores if document.provider == espn.PROVIDER else ApiSportsScores
        take_in(self.database.run, self.cache, source.read(body, document.league, document.fetched_at).reports)
        return source.key(document.league) or ""

"""The prices on players of the games about to begin, game by game, with the credits that the plan leaves for them."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from dbsbm.bets.told.repository import Ahead, PropRepository
from dbsbm.core.clock import Clock
from dbsbm.core.errors import DbsbmError
from dbsbm.core.ids import Ids
from dbsbm.database.database import Database
from dbsbm.games.model import GameState
from dbsbm.games.props.repository import PropPriceRepository
from dbsbm.games.service import Ingested, ingest_props
from dbsbm.providers.archive import Archive
from dbsbm.providers.errors import ProviderNotFoundError
from dbsbm.providers.leagues import FeedLeague
from dbsbm.providers.odds_api import PROVIDER, Document, OddsApi
from dbsbm.providers.odds_api_props import read_props
from dbsbm.providers.plan import due, rule
from dbsbm.providers.prop_markets import prop_markets

KIND = "props"


@dataclass(frozen=True, slots=True)
class PropDocument:
    """A document to be asked for."""

    league: FeedLeague
    game: Ahead

    @property
    def cost(self) -> int:
        """Credits when every market has prices in every region: a credit for each."""
        return len(prop_markets(self.league.sport_key)) * len(self.league.regions.split(","))

    @property
    def name(self) -> str:
        return f"{self.league.league} {KIND} {self.game.provider_game_id}"


@dataclass(frozen=True, slots=True)
class PropFeed:
    """The part of the odds feed that asks for players."""

    api: OddsApi
    database: Database
    ids: Ids
    clock: Clock
    archive: Archive | None

    def due(self, wanted: list[FeedLeague]) -> Iterator[PropDocument]:
        """What the plan asks for now: games with bets on players first, then the next starts."""
        now, plan = self.clock.now(), rule(PROVIDER, KIND)
        leagues = {league.league: league for league in wanted if prop_markets(league.sport_key)}
        if not leagues:
            return
        with self.database.read() as session:
            ahead = PropRepository(session).ahead(PROVIDER, now, now + plan.looks_ahead)
        for game in ahead:
            league = leagues.get(game.league)
            interval = plan.interval(now, game.starts_at, GameState.SCHEDULED)
            if league is not None and due(now, game.fetched_at, interval):
                yield PropDocument(league, game)

    def fetch(self, wanted: PropDocument) -> Document:
        """One document. A game that the provider no longer has is not asked for again until its next time.

        Raises ProviderError.
        """
        try:
            markets = tuple(prop_markets(wanted.league.sport_key))
            return self.api.event_odds(wanted.league, wanted.game.provider_game_id, markets)
        except ProviderNotFoundError:
            now, game_id = self.clock.now(), wanted.game.game_id
            with self.database.transaction() as session:
                PropPriceRepository(session).record_fetch(game_id, now)
            raise

    def take(self, wanted: PropDocument, document: Document) -> tuple[Ingested, list[str]]:
        """Store what it says; returns that, and what of it could not be read. Raises ProviderDocumentError."""
        read = read_props(document.body, wanted.league, document.fetched_at)
        stored = Ingested()
        for report in read.reports:
            stored += ingest_props(self.database.run, self.ids, wanted.game.game_id, report)
        return stored, [problem.detail for problem in read.problems]

    def keep(self, wanted: PropDocument, document: Document) -> str | None:
        """Keep the raw document; says why not."""
        if self.archive is None:
            return None
        key = archive_key(wanted.league, wanted.game.provider_game_id, document.fetched_at)
        try:
            self.archive(key, gzip.compress(document.body, 6, mtime=0))
        except DbsbmError as error:
            return f"{wanted.name}: not archived: {error.detail}"
        return None


def archive_key(league: FeedLeague, event_id: str, fetched_at: datetime) -> str:
    """``the_odds_api/v4/<sport>/<yyyy>/<mm>/<dd>/<hhmmss>-props-<event id>.json.gz``, in UTC."""
    return f"{PROVIDER}/v4/{league.sport_key}/{fetched_at:%Y/%m/%d/%H%M%S}-{KIND}-{quote(event_id, safe='')}.json.gz"

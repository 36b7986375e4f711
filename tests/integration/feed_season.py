"""A provider of odds behind a socket, the feed that reads it, and a clock for both."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from random import Random

from dbsbm.cache.cache import LocalCache
from dbsbm.core.ids import Ids
from dbsbm.core.transport import PooledTransport
from dbsbm.games.model import Game, Price
from dbsbm.games.repository import GameRepository
from dbsbm.games.service import Board, upcoming_board
from dbsbm.providers.feed import Feed, FeedRun
from dbsbm.providers.leagues import FeedLeague
from dbsbm.providers.odds_api import PROVIDER, OddsApi
from local.providers.odds_api import OddsApiProvider, Source
from local.providers.server import ProviderServer
from tests.integration.moments import HandClock, open_database

RECORDINGS = Path(__file__).resolve().parents[3] / "shared" / "data" / "feeds" / "the_odds_api_v4"
NFL = FeedLeague("americanfootball_nfl", "nfl", "us", "american")
KEY = "right-key"
EVENTS = Path(__file__).resolve().parents[2] / "events"


class Season:
    """A provider behind a socket, the feed that reads it, and a clock for both."""

    def __init__(self, database_url: str, source: Source, now: datetime, **provider: int) -> None:
        self.clock = HandClock(now)
        self.provider = OddsApiProvider(source, self.clock, key=KEY, **provider)
        self.server = ProviderServer(self.provider)
        self.database = open_database(database_url, self.clock)
        self.ids = Ids(self.clock, Random(1))
        self.cache = LocalCache(self.clock, self.ids)
        self.kept: dict[str, bytes] = {}
        self.feed = Feed(
            self.api(), self.database, self.cache, self.ids, self.clock, lambda key, body: self.kept.update({key: body})
        )

    def api(self, key: str = KEY, timeout_s: float = 5.0) -> OddsApi:
        return OddsApi(PooledTransport(), self.server.url, lambda: key, self.clock, timeout_s=timeout_s)

    def run_at(self, moment: datetime) -> FeedRun:
        self.clock.set(moment)
        return self.feed.run()

    def game(self, event_id: str) -> Game:
        with self.database.read() as session:
            repository = GameRepository(session)
            return repository.game(repository.find_source(PROVIDER, event_id) or 0)

    def games(self) -> list[Game]:
        with self.database.read() as session:
            ids = [row["game_id"] for row in session.all("SELECT game_id FROM games")]
            return sorted(GameRepository(session).games(ids).values(), key=lambda game: (game.starts_at, game.home))

    def prices(self, game: Game) -> list[Price]:
        with self.database.read() as session:
            return GameRepository(session).prices([game.game_id])

    def board(self) -> Board:
        with self.database.read() as session:
            return upcoming_board(self.cache, session, self.clock.now())

    def count(self, table: str) -> int:
        with self.database.read() as session:
            row = session.one(f"SELECT COUNT(*) AS n FROM {table}")
        assert row is not None
        return int(row["n"])


BEGINNING = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

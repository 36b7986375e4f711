"""Games as commands read them, and the way of a provider's document into the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from dbsbm.betting.markets import Market, Side
from dbsbm.cache.cache import Cache, counted
from dbsbm.cache.prefixes import GAMES
from dbsbm.core import pressure
from dbsbm.core.clock import to_ms
from dbsbm.core.ids import Ids
from dbsbm.database.session import Session
from dbsbm.games.feed.repository import FeedRepository
from dbsbm.games.model import Game, GameReport, GameState, Offer, Price, PriceKey, ScoreReport, from_ms, odds_of
from dbsbm.games.props.model import PropReport
from dbsbm.games.props.repository import PropPriceRepository
from dbsbm.games.repository import GameRepository

BOARD_GAMES = 1000
BOARD_TTL_S = 60.0
GAMES_PER_TRANSACTION = 100
"""Keeps a feed's transaction well below the statement limit, and a failing one from losing the others."""


@dataclass(frozen=True, slots=True)
class Board:
    """The next games and the best price of each selection. Boards of one ``version`` are one object."""

    version: str
    games: tuple[Game, ...]
    best: Mapping[PriceKey, Price]

    def upcoming(self, now: datetime) -> tuple[Game, ...]:
        """The games that have not started at ``now``, next starts first."""
        return tuple(game for game in self.games if game.starts_at > now)


_boards: dict[str, Board] = {}
pressure.on_short(_boards.clear)


def upcoming_board(cache: Cache, session: Session, now: datetime) -> Board:
    """The board for autocomplete: at most 60 s old, at most 5 s when the cache is away; newer after any feed change."""
    minute = to_ms(now) // round(BOARD_TTL_S * 1000)
    version = f"{cache.version(GAMES)}:{minute}"
    known = _boards.get(version)
    if known is not None:
        counted(GAMES, "memo_hit")
        return known
    document = cache.get_or_load(f"{GAMES}:board:{minute}", BOARD_TTL_S, lambda: _load_board(session, now))
    board = _board(version, document)
    _boards.clear()  # a warm environment needs the newest alone
    _boards[version] = board
    return board


def _load_board(session: Session, now: datetime) -> dict[str, Any]:
    repository = GameRepository(session)
    games = [game for game in repository.upcoming(now, BOARD_GAMES) if game.away]  # a race has no sides to bet on
    best = repository.best_prices([game.game_id for game in games])
    return {
        "games": [[g.game_id, g.league, g.home, g.away, to_ms(g.starts_at), g.state.value] for g in games],
        "best": [
            [p.game_id, p.book, p.market.value, p.side.value, p.line_q, p.odds.num, p.odds.den, to_ms(p.taken_at)]
            for p in best
        ],
    }


def _board(version: str, document: dict[str, Any]) -> Board:
    games = tuple(
        Game(game_id, league, home, away, from_ms(starts), GameState(state))
        for game_id, league, home, away, starts, state in document["games"]
    )
    best: dict[PriceKey, Price] = {}
    for game_id, book, market, side, line_q, num, den, taken in document["best"]:
        odds = odds_of(num, den)
        price = Price(game_id, book, Market(market), Side(side), line_q, odds, from_ms(taken))
        best[game_id, price.market, price.side, line_q] = price
    return Board(version, games, best)


@dataclass(frozen=True, slots=True)
class Ingested:
    """What a document changed."""

    games: int = 0
    prices: int = 0
    scores: int = 0

    @property
    def anything(self) -> bool:
        return bool(self.games or self.prices or self.scores)

    def __add__(self, other: Ingested) -> Ingested:
        return Ingested(self.games + other.games, self.prices + other.prices, self.scores + other.scores)


Reading = Callable[[], AbstractContextManager[Session]]
"""Opens a transaction for reading (``Database.read``)."""
Run = Callable[[Callable[[Session], Ingested]], Ingested]
"""Runs work in a transaction of its own, again after a deadlock (``Database.run``)."""


def ingest(
    run: Run, cache: Cache, ids: Ids, games: Sequence[GameReport] = (), scores: Sequence[ScoreReport] = ()
) -> Ingested:
    """Store what a document reports, 100 games to a transaction; the cached board goes when anything changed.

    Repeating a document changes nothing, and documents may come in any order.
    """
    total, complete = Ingested(), False
    try:
        for start in range(0, len(games), GAMES_PER_TRANSACTION):
            part = games[start : start + GAMES_PER_TRANSACTION]
            total += run(partial(store_games, ids=ids, reports=part))
        for start in range(0, len(scores), GAMES_PER_TRANSACTION):
            finished = scores[start : start + GAMES_PER_TRANSACTION]
            total += run(partial(store_scores, ids=ids, reports=finished))
        complete = True
    finally:
        if total.anything or not complete:  # a commit that failed may have been stored all the same
            cache.clear_prefix(GAMES)
    return total


def warm(cache: Cache, database: Reading, now: datetime) -> None:
    """Bring the board that was just cleared into the cache, so that nobody who types waits for it."""
    with database() as session:
        upcoming_board(cache, session, now)


def ingest_props(run: Run, ids: Ids, game_id: int, report: PropReport) -> Ingested:
    """Store what a document says of a game's players. Repeating it changes nothing."""
    exact = replace(
        report,
        reported_at=_ms(report.reported_at),
        offers={key: _offers_on_the_millisecond(offers) for key, offers in report.offers.items()},
    )

    def store(session: Session) -> Ingested:
        written = FeedRepository(session, ids).record_props(game_id, exact)
        PropPriceRepository(session).record_fetch(game_id, exact.reported_at)
        return Ingested(prices=written)

    return run(store)


def store_games(session: Session, ids: Ids, reports: Sequence[GameReport]) -> Ingested:
    """Games and prices, in the caller's transaction."""
    exact = [_on_the_millisecond(report) for report in reports]
    repository = FeedRepository(session, ids)
    game_id_of, changed = repository.upsert_games(exact)
    return Ingested(games=changed, prices=repository.record_offers(game_id_of, exact))


def store_scores(session: Session, ids: Ids, reports: Sequence[ScoreReport]) -> Ingested:
    """Scores, and the games they belong to where these are new, in the caller's transaction."""
    exact = [_score_on_the_millisecond(report) for report in reports]
    repository = FeedRepository(session, ids)
    game_id_of, changed = repository.upsert_games(exact)
    return Ingested(games=changed, scores=repository.record_scores(game_id_of, exact))


def _on_the_millisecond(report: GameReport) -> GameReport:
    """Times as the database keeps them, so that comparing with what it returns is exact."""
    offers = _offers_on_the_millisecond(report.offers)
    return replace(report, starts_at=_ms(report.starts_at), reported_at=_ms(report.reported_at), offers=offers)


def _offers_on_the_millisecond(offers: Sequence[Offer]) -> list[Offer]:
    return [
        replace(offer, taken_at=_ms(offer.taken_at)) if offer.taken_at.microsecond % 1000 else offer for offer in offers
    ]


def _score_on_the_millisecond(report: ScoreReport) -> ScoreReport:
    return replace(
        report,
        starts_at=_ms(report.starts_at),
        reported_at=_ms(report.reported_at),
        scored_at=_ms(report.scored_at),
    )


def _ms(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

"""Games, prices and scores in the database. Global: no guild owns a game."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from fractions import Fraction
from typing import Any

from dbsbm.betting.markets import Market, Side
from dbsbm.core.errors import NotFoundError
from dbsbm.database.session import Row, Session
from dbsbm.games.model import Game, GameState, Price, odds_of
from dbsbm.games.movement import CHARTED, Snapshot

_CHUNK = 500


class GameRepository:
    """Everything about games that is read for people."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def upcoming(self, now: datetime, limit: int = 1000, leagues: Collection[str] | None = None) -> list[Game]:
        """Scheduled games that start after ``now``, next starts first."""
        if leagues is not None and not leagues:
            return []
        if leagues is None:
            rows = self._session.all(_UPCOMING, (now, limit))
        else:
            rows = self._session.all(_UPCOMING_OF_LEAGUES, (now, sorted(leagues), limit))
        return [_game(row) for row in rows]

    def started(self, since: datetime, now: datetime, limit: int = 1000) -> list[Game]:
        """Games of two sides that started after ``since``, by ``now``, latest first: to say so when one is named."""
        found = [_game(row) for row in self._session.all(_STARTED, (since, now, limit))]
        return [game for game in found if game.away]

    def game(self, game_id: int) -> Game:
        """One game.

        Raises
        ------
        NotFoundError
            When there is no such game.
        """
        row = self._session.one(_GAME, (game_id,))
        if row is None:
            raise NotFoundError(f"no game {game_id}")
        return _game(row)

    def games(self, game_ids: Collection[int]) -> dict[int, Game]:
        """The games of these ids that exist."""
        found: dict[int, Game] = {}
        for chunk in chunks(game_ids):
            found.update((row["game_id"], _game(row)) for row in self._session.all(_GAMES, (chunk,)))
        return found

    def prices(self, game_ids: Collection[int]) -> list[Price]:
        """What the books offer now for these games."""
        return [_price(row) for chunk in chunks(game_ids) for row in self._session.all(_CURRENT_PRICES, (chunk,))]

    def best_prices(self, game_ids: Collection[int]) -> list[Price]:
        """The best price of each selection, as ``model.best_prices`` chooses; for a board, where rows cost time."""
        return [_price(row) for chunk in chunks(game_ids) for row in self._session.all(_BEST_PRICES, (chunk,))]

    def stood(self, game_id: int, first: datetime, last: datetime) -> list[Price]:
        """Every price that a book offered at some moment from ``first`` to ``last``.

        ``taken_at`` is the last moment it was seen, or that of the change that ended it.
        """
        # One range of the primary key; then the game's snapshots, and for each change in the time the row before it.
        rows = self._session.all(_STANDING_SINCE, (game_id, last))
        return [_price(row) for row in (*rows, *self._session.all(_ENDED_SINCE, (game_id, first, last)))]

    def around(self, league: str, first: datetime, last: datetime, limit: int = 200) -> list[Game]:
        """Every game of a league that starts in a time, whatever became of it, latest first."""
        # games_by_league (league, starts_at): one range, read backwards.
        rows = self._session.all(
            """SELECT game_id, league, home, away, starts_at, state, home_score, away_score FROM games
               WHERE league = %s AND starts_at BETWEEN %s AND %s ORDER BY starts_at DESC, game_id LIMIT %s""",
            (league, first, last, limit),
        )
        return [_game(row) for row in rows]

    def history(self, game_id: int) -> list[Snapshot]:
        """Every price change of the markets that are charted, oldest first."""
        # PRIMARY, one range.
        rows = self._session.all(
            """SELECT book, market, side, taken_at, line_q, price_num, price_den FROM odds_snapshots
               WHERE game_id = %s AND (market, side) IN %s ORDER BY taken_at, book, market, side""",
            (game_id, [(market.value, side.value) for market, side in CHARTED]),
        )
        return [
            Snapshot(
                row["book"],
                Market(row["market"]),
                Side(row["side"]),
                row["taken_at"],
                row["line_q"],
                None if row["price_num"] is None else Fraction(row["price_num"], row["price_den"]),
            )
            for row in rows
        ]

    def finals(self, game_ids: Collection[int]) -> dict[int, dict[str, tuple[int, int]]]:
        """Each source's newest final score by game, home and away: sources may disagree."""
        found: dict[int, dict[str, tuple[int, int]]] = {}
        for chunk in chunks(game_ids):
            # PRIMARY, a range per game, in the order read.
            rows = self._session.all(
                """SELECT game_id, provider, home_score, away_score, final FROM game_scores WHERE game_id IN %s
                   ORDER BY game_id, provider, reported_at""",
                (chunk,),
            )
            for row in rows:
                if row["final"]:
                    found.setdefault(row["game_id"], {})[row["provider"]] = (row["home_score"], row["away_score"])
        return found

    def periods(self, game_ids: Collection[int]) -> dict[int, tuple[str, str]]:
        """Home and away points by period, "7,3,0,10", of the source that wrote last."""
        # PRIMARY, a range per game.
        return {
            row["game_id"]: (row["home_points"], row["away_points"])
            for chunk in chunks(game_ids)
            for row in self._session.all(
                """SELECT game_id, home_points, away_points FROM game_periods WHERE game_id IN %s
                   ORDER BY game_id, reported_at""",
                (chunk,),
            )
        }

    def find_source(self, provider: str, provider_game_id: str) -> int | None:
        """Our id of a provider's game."""
        row = self._session.one(_SOURCE, (provider, provider_game_id))
        return None if row is None else int(row["game_id"])


def chunks(values: Collection[Any]) -> list[list[Any]]:
    """Parts of at most 500 for IN lists, sorted so that locks are taken in one order everywhere."""
    ordered = sorted(set(values))
    return [ordered[start : start + _CHUNK] for start in range(0, len(ordered), _CHUNK)]


def _game(row: Row) -> Game:
    return Game(
        row["game_id"],
        row["league"],
        row["home"],
        row["away"],
        row["starts_at"],
        GameState(row["state"]),
        row["home_score"],
        row["away_score"],
    )


def _price(row: Row) -> Price:
    odds = odds_of(row["price_num"], row["price_den"])
    market, side = Market(row["market"]), Side(row["side"])
    return Price(row["game_id"], row["book"], market, side, row["line_q"], odds, row["taken_at"])


# games_upcoming (state, starts_at): one range, in order.
_UPCOMING = """
SELECT game_id, league, home, away, starts_at, state, home_score, away_score
FROM games WHERE state = 'scheduled' AND starts_at > %s
ORDER BY starts_at, game_id LIMIT %s
"""
# games_upcoming again: the leagues are filtered on the way.
_UPCOMING_OF_LEAGUES = """
SELECT game_id, league, home, away, starts_at, state, home_score, away_score
FROM games WHERE state = 'scheduled' AND starts_at > %s AND league IN %s
ORDER BY starts_at, game_id LIMIT %s
"""
# games_upcoming once more: one range per state.
_STARTED = """
SELECT game_id, league, home, away, starts_at, state, home_score, away_score
FROM games WHERE state IN ('scheduled', 'live', 'final') AND starts_at > %s AND starts_at <= %s
ORDER BY starts_at DESC, game_id LIMIT %s
"""
# Primary keys from here on.
_GAME = """
SELECT game_id, league, home, away, starts_at, state, home_score, away_score FROM games WHERE game_id = %s
"""
_GAMES = """
SELECT game_id, league, home, away, starts_at, state, home_score, away_score FROM games WHERE game_id IN %s
"""
_SOURCE = "SELECT game_id FROM game_sources WHERE provider = %s AND provider_game_id = %s"
_CURRENT_PRICES = """
SELECT game_id, book, market, side, taken_at, line_q, price_num, price_den
FROM current_odds WHERE game_id IN %s AND price_num IS NOT NULL
"""
_STANDING_SINCE = """
SELECT game_id, book, market, side, taken_at, line_q, price_num, price_den
FROM current_odds WHERE game_id = %s AND changed_at <= %s AND price_num IS NOT NULL
"""
_ENDED_SINCE = """
SELECT old.game_id, old.book, old.market, old.side, new.taken_at, old.line_q, old.price_num, old.price_den
FROM odds_snapshots new
JOIN odds_snapshots old ON old.game_id = new.game_id AND old.book = new.book AND old.market = new.market
    AND old.side = new.side AND old.taken_at = (
        SELECT MAX(earlier.taken_at) FROM odds_snapshots earlier
        WHERE earlier.game_id = new.game_id AND earlier.book = new.book AND earlier.market = new.market
            AND earlier.side = new.side AND earlier.taken_at < new.taken_at
    )
WHERE new.game_id = %s AND new.taken_at >= %s AND old.taken_at <= %s AND old.price_num IS NOT NULL
"""
# The same range, one row per selection. The price to nine places orders any two that a book can write.
_BEST_PRICES = """
SELECT game_id, book, market, side, taken_at, line_q, price_num, price_den
FROM (
    SELECT game_id, book, market, side, taken_at, line_q, price_num, price_den,
        ROW_NUMBER() OVER (
            PARTITION BY game_id, market, side, line_q
            ORDER BY price_num * 1000000000 DIV price_den DESC, taken_at DESC, book
        ) AS place
    FROM current_odds WHERE game_id IN %s AND price_num IS NOT NULL
) AS placed
WHERE place = 1
"""

"""Closing lines and closing line values in the database. Not guild-scoped: a closing serves the bets of every guild."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from dbsbm.betting.markets import Market, Side
from dbsbm.database.session import Row, Session
from dbsbm.games.model import odds_of
from dbsbm.games.repository import chunks
from dbsbm.settlement.model import ClosingLine, Start

PPM = 1_000_000
_LOOK_BACK = timedelta(days=7)
_LOOK_AHEAD = timedelta(days=2)
"""A game reported as under way long before its scheduled start was moved, not played."""

Snapshot = Row


class ClosingRepository:
    """What books offered last before play."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def to_close(self, now: datetime, limit: int) -> list[Start]:
        """Games that have started, as far as is known at ``now``, and are not closed for that start."""
        rows = self._session.all(f"{_STARTED} {_TO_CLOSE} LIMIT %s", (*_window(now), limit))
        return [_start(row) for row in rows]

    def lock(self, game_ids: Collection[int], now: datetime) -> list[Start]:
        """Those of the games that are still to be closed, held until the transaction ends."""
        ids = sorted(set(game_ids))
        self._session.all(_LOCK_GAMES, (ids,))
        rows = self._session.all(f"{_STARTED} g.game_id IN %s AND {_TO_CLOSE}", (ids, *_window(now)))
        return [_start(row) for row in rows]

    def last_offers(self, game_ids: Collection[int], closed_at: datetime) -> Sequence[Snapshot]:
        """Of each book, market and side the last price before ``closed_at``, and until when it was seen."""
        return self._session.all(_LAST_OFFERS, (sorted(set(game_ids)), closed_at))

    def append(self, start: Start, in_play: bool, lines: Sequence[ClosingLine], now: datetime) -> None:
        """One closing with the lines of the game itself."""
        self._session.execute(
            _APPEND_CLOSING, (start.game_id, start.closing, start.starts_at, start.real, in_play, now)
        )
        self.append_lines(start.game_id, start.closing, lines)

    def append_lines(self, priced_id: int, closing: int, lines: Sequence[ClosingLine]) -> None:
        """Lines of a closing: of the game, or of one of its players under the id of that statistic's prices."""
        self._session.execute_many(
            _APPEND_LINE,
            [
                (
                    priced_id,
                    closing,
                    line.book,
                    line.market.value,
                    line.side.value,
                    line.line_q,
                    line.odds.num,
                    line.odds.den,
                    line.seen_at,
                    line.stale,
                )
                for line in lines
            ],
        )

    def lines(self, closings: Mapping[int, int]) -> dict[int, list[ClosingLine]]:
        """The lines of these closings, given as closing by game id."""
        found: dict[int, list[ClosingLine]] = {game_id: [] for game_id in closings}
        for chunk in chunks(list(closings)):
            for row in self._session.all(_LINES, (chunk,)):
                if closings[row["game_id"]] == row["closing"]:
                    found[row["game_id"]].append(_line(row))
        return found

    def newest(self, game_ids: Collection[int]) -> dict[int, int]:
        """The number of each game's closing that counts."""
        rows = [row for chunk in chunks(game_ids) for row in self._session.all(_NEWEST, (chunk,))]
        return {row["game_id"]: row["closing"] for row in rows}

    def to_value(self, after_game_id: int, limit: int) -> list[int]:
        """Closed games with bets that may have no value from the closing that counts, a page at a time."""
        # game_closings_by_work.
        rows = self._session.all(
            """SELECT DISTINCT game_id FROM game_closings WHERE clv_done = 0 AND game_id > %s
               ORDER BY game_id LIMIT %s""",
            (after_game_id, limit),
        )
        return [row["game_id"] for row in rows]

    def mark_valued(self, game_id: int, closing: int) -> None:
        """Nothing is left to be valued from this closing, nor from those before it."""
        # By PRIMARY.
        self._session.execute(
            "UPDATE game_closings SET clv_done = 1 WHERE game_id = %s AND closing <= %s", (game_id, closing)
        )

    def closed_at(self, game_id: int, closing: int) -> datetime:
        """The real start that a closing was frozen for."""
        # By PRIMARY.
        row = self._session.one(
            "SELECT closed_at FROM game_closings WHERE game_id = %s AND closing = %s", (game_id, closing)
        )
        if row is None:
            raise AssertionError("the closing was read in this transaction")
        moment: datetime = row["closed_at"]
        return moment


def _window(now: datetime) -> tuple[datetime, datetime, datetime]:
    return now - _LOOK_BACK, now + _LOOK_AHEAD, now


def _start(row: Row) -> Start:
    return Start(row["game_id"], row["starts_at"], row["play_at"], (row["closing"] or 0) + 1)


def _line(row: Row) -> ClosingLine:
    return ClosingLine(
        row["book"],
        Market(row["market"]),
        Side(row["side"]),
        row["line_q"],
        odds_of(row["price_num"], row["price_den"]),
        row["seen_at"],
        bool(row["stale"]),
    )


# games_upcoming (state, starts_at), a range per state; the closings and scores of each game by their PRIMARY.
_STARTED = """
SELECT g.game_id, g.starts_at, c.closing,
    (SELECT MIN(s.reported_at) FROM game_scores s WHERE s.game_id = g.game_id) AS play_at
FROM games g
LEFT JOIN game_closings c ON c.game_id = g.game_id
    AND NOT EXISTS (SELECT 1 FROM game_closings n WHERE n.game_id = c.game_id AND n.closing > c.closing)
WHERE"""
_TO_CLOSE = """g.state IN ('scheduled', 'live', 'final') AND g.starts_at > %s AND g.starts_at <= %s
    AND (g.starts_at <= %s OR g.state <> 'scheduled')
    AND (c.closing IS NULL OR (c.in_play = 0 AND c.starts_at <> g.starts_at))
ORDER BY g.starts_at, g.game_id"""
_LOCK_GAMES = "SELECT game_id FROM games WHERE game_id IN %s ORDER BY game_id FOR UPDATE"
# PRIMARY, one range per game. A state lasts until the next one was taken; that one says when this was seen last.
_LAST_OFFERS = """
SELECT game_id, book, market, side, line_q, price_num, price_den, taken_at, seen_at FROM (
    SELECT h.*, ROW_NUMBER() OVER (PARTITION BY h.game_id, h.book, h.market, h.side ORDER BY h.taken_at DESC) AS place
    FROM (
        SELECT s.game_id, s.book, s.market, s.side, s.line_q, s.price_num, s.price_den, s.taken_at,
            IF(LEAD(s.taken_at) OVER later IS NULL, c.taken_at, LEAD(s.previous_seen_at) OVER later) AS seen_at
        FROM odds_snapshots s
        LEFT JOIN current_odds c
            ON c.game_id = s.game_id AND c.book = s.book AND c.market = s.market AND c.side = s.side
        WHERE s.game_id IN %s
        WINDOW later AS (PARTITION BY s.game_id, s.book, s.market, s.side ORDER BY s.taken_at)
    ) h
    WHERE h.taken_at < %s AND h.price_num IS NOT NULL
) ranked
WHERE place = 1
ORDER BY game_id, book, market, side"""
_APPEND_CLOSING = """
INSERT INTO game_closings (game_id, closing, starts_at, closed_at, in_play, frozen_at)
VALUES (%s, %s, %s, %s, %s, %s)"""
_APPEND_LINE = """
INSERT INTO closing_lines (game_id, closing, book, market, side, line_q, price_num, price_den, seen_at, stale)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""
_LINES = """
SELECT game_id, closing, book, market, side, line_q, price_num, price_den, seen_at, stale
FROM closing_lines WHERE game_id IN %s ORDER BY game_id, closing, book, market, side"""
_NEWEST = "SELECT game_id, MAX(closing) AS closing FROM game_closings WHERE game_id IN %s GROUP BY game_id"

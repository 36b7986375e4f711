"""Closing lines: what each book offered last before a game began, frozen at the real start.

A game's start is what its provider says until play is reported. A game that is moved after it was closed, and has not
been reported as played, is closed again at its new start; earlier closings stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby

from dbsbm.betting.markets import Market, Side
from dbsbm.database.database import Database
from dbsbm.database.session import Row, Session
from dbsbm.games.model import odds_of
from dbsbm.games.props.repository import PropPriceRepository
from dbsbm.games.repository import chunks
from dbsbm.settlement.model import ClosingLine, Start
from dbsbm.settlement.repository import ClosingRepository

STALE = timedelta(minutes=15)
"""A price last known to stand longer before the start than this is no close."""
GAMES_PER_TRANSACTION = 20
_STATEMENT_S = 10.0


@dataclass(frozen=True, slots=True)
class Closed:
    """How many games were closed, and how many lines that froze."""

    games: int = 0
    lines: int = 0

    def __add__(self, other: Closed) -> Closed:
        return Closed(self.games + other.games, self.lines + other.lines)


def close_started(database: Database, now: datetime, limit: int) -> Closed:
    """Close at most ``limit`` games that have started by ``now``, 20 to a transaction. Repeating changes nothing.

    Raises
    ------
    DatabaseUnavailableError
        When the database is away; what was committed stays, the rest is for the next run.
    """
    with database.read() as session:
        started = [start.game_id for start in ClosingRepository(session).to_close(now, limit)]
    total = Closed()
    for first in range(0, len(started), GAMES_PER_TRANSACTION):
        part = started[first : first + GAMES_PER_TRANSACTION]
        total += database.run(partial(_close, game_ids=part, now=now), statement_s=_STATEMENT_S)
    return total


def _close(session: Session, game_ids: list[int], now: datetime) -> Closed:
    repository, players = ClosingRepository(session), PropPriceRepository(session)
    starts = sorted(repository.lock(game_ids, now), key=lambda start: (start.real, start.game_id))
    total = Closed()
    for closed_at, together in groupby(starts, key=lambda start: start.real):
        games = list(together)
        offers = repository.last_offers([game.game_id for game in games], closed_at)
        for start in games:
            lines = closing_lines((row for row in offers if row["game_id"] == start.game_id), start)
            repository.append(start, start.play_at is not None, lines, now)
            total += Closed(1, len(lines))
        total += _close_players(repository, players, games)
    return total


def _close_players(repository: ClosingRepository, players: PropPriceRepository, games: Sequence[Start]) -> Closed:
    """What stood last on these games' players, under the ids and with the number of the closing of their game."""
    start_of = {start.game_id: start for start in games}
    game_of = players.ids(start_of)
    total = Closed()
    for part in chunks(game_of):
        offers = repository.last_offers(part, games[0].real)
        for prop_id, rows in groupby(offers, key=lambda row: int(row["game_id"])):
            start = start_of[game_of[prop_id]]
            lines = closing_lines(rows, start)
            repository.append_lines(prop_id, start.closing, lines)
            total += Closed(0, len(lines))
    return total


def closing_lines(offers: Iterable[Row], start: Start) -> list[ClosingLine]:
    """The last offers before a start as closing lines, each with the moment until which it is known to have stood."""
    lines = []
    for row in offers:
        seen_at = min(max(row["taken_at"], row["seen_at"] or row["taken_at"]), start.real)
        lines.append(
            ClosingLine(
                row["book"],
                Market(row["market"]),
                Side(row["side"]),
                row["line_q"],
                odds_of(row["price_num"], row["price_den"]),
                seen_at,
                stale=start.real - seen_at > STALE,
            )
        )
    return lines

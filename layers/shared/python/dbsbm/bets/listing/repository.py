"""Lists of a capper's bets, a page at a time: always of one guild."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from dbsbm.database.session import Row, Session

EVER = datetime(2000, 1, 1, tzinfo=UTC)
"""Before any bet."""
OPEN = """SELECT bet_id FROM bets WHERE guild_id = %s AND capper_id = %s AND state = 'open'
 ORDER BY starts_at, bet_id LIMIT %s OFFSET %s"""
GRADED = """SELECT bet_id FROM bets WHERE guild_id = %s AND capper_id = %s AND state = 'graded'
 AND starts_at >= %s ORDER BY starts_at DESC, bet_id DESC LIMIT %s OFFSET %s"""
BETWEEN = """SELECT bet_id FROM bets WHERE guild_id = %s AND capper_id = %s AND state = 'open' AND starts_at >= %s
 AND starts_at < %s ORDER BY starts_at, bet_id LIMIT %s"""


class ListingRepository:
    """Ids of bets in the order they are shown; their terms are read by ``BetRepository.several``."""

    def __init__(self, session: Session, guild_id: int) -> None:
        self._session = session
        self._guild_id = guild_id

    def open(self, capper_id: int, limit: int, offset: int) -> Sequence[int]:
        """Next starts first."""
        # By bets_by_capper, in order.
        return _ids(self._session.all(OPEN, (self._guild_id, capper_id, limit, offset)))

    def graded(self, capper_id: int, limit: int, offset: int, since: datetime = EVER) -> Sequence[int]:
        """Latest starts first, none before ``since``."""
        # By bets_by_capper, backwards.
        return _ids(self._session.all(GRADED, (self._guild_id, capper_id, since, limit, offset)))

    def open_between(self, capper_id: int, first: datetime, end: datetime, limit: int) -> Sequence[int]:
        # By bets_by_capper, a range of starts.
        return _ids(self._session.all(BETWEEN, (self._guild_id, capper_id, first, end, limit)))


def _ids(rows: Sequence[Row]) -> Sequence[int]:
    return [row["bet_id"] for row in rows]

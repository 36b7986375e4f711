"""Sums of a month by person, page by page. Not guild-scoped: it counts people over all communities."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dbsbm.database.session import Row, Session


class MonthRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def guilds(self, after: int, limit: int) -> Sequence[int]:
        # By PRIMARY, in order.
        rows = self._session.all(
            "SELECT guild_id FROM guilds WHERE guild_id > %s ORDER BY guild_id LIMIT %s", (after, limit)
        )
        return [int(row["guild_id"]) for row in rows]

    def people(self, guild_id: int, since: date) -> Sequence[Row]:
        """A community's cappers in a month, without what was imported (by the guild's part of PRIMARY)."""
        return self._session.all(
            "SELECT capper_id, SUM(bets) AS bets, SUM(risk_micro) AS risk, SUM(profit_micro) AS profit "
            "FROM capper_totals WHERE guild_id = %s AND category <> 'imported' AND span = 'month' AND league = '' "
            "AND market = '' AND since = %s GROUP BY capper_id",
            (guild_id, since),
        )

"""Reads the ledger for records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dbsbm.bets.standings.model import Stretch
from dbsbm.betting.settlement import Grade
from dbsbm.database.session import Session

_LOOKED_AT = 1000
"""A form and a curve are of what is recent; the sums beside them are of everything."""


@dataclass(frozen=True, slots=True)
class BetResult:
    """What one graded bet came to, in micro-units."""

    grade: Grade
    profit_micro: int


class RecordRepository:
    """Records of one guild's cappers."""

    def __init__(self, session: Session, guild_id: int) -> None:
        self._session = session
        self._guild_id = guild_id

    def withdrawn(self, capper_id: int) -> int:
        """How many bets a capper took back before their start."""
        # By bets_by_capper.
        row = self._session.one(
            "SELECT COUNT(*) AS n FROM bets WHERE guild_id = %s AND capper_id = %s AND state = 'withdrawn'",
            (self._guild_id, capper_id),
        )
        return int(row["n"]) if row else 0

    def extremes(self, capper_ids: Sequence[int], first: date, last: date) -> Sequence[tuple[int, int]]:
        """The bets posted here of some sports days that won and lost most, as (bet id, profit in micro-units)."""
        if not capper_ids:
            return ()
        values = (self._guild_id, tuple(capper_ids), first, last)
        # By ledger_by_capper, a range of days per capper.
        best = self._session.one(
            """SELECT bet_id, SUM(profit_micro) AS profit FROM ledger_entries
               WHERE guild_id = %s AND capper_id IN %s AND sports_day BETWEEN %s AND %s AND imported = 0
               GROUP BY bet_id HAVING SUM(bets) <> 0 ORDER BY profit DESC, bet_id LIMIT 1""",
            values,
        )
        worst = self._session.one(
            """SELECT bet_id, SUM(profit_micro) AS profit FROM ledger_entries
               WHERE guild_id = %s AND capper_id IN %s AND sports_day BETWEEN %s AND %s AND imported = 0
               GROUP BY bet_id HAVING SUM(bets) <> 0 ORDER BY profit, bet_id LIMIT 1""",
            values,
        )
        return [(row["bet_id"], int(row["profit"])) for row in (best, worst) if row is not None]

    def newest(self, capper_id: int, limit: int) -> Sequence[BetResult]:
        """Results of the graded bets that started last, newest first."""
        # By bets_by_capper, backwards, and the PRIMARY of the ledger for each bet.
        rows = self._session.all(
            """SELECT b.grade, (SELECT SUM(l.profit_micro) FROM ledger_entries l
                                WHERE l.guild_id = b.guild_id AND l.bet_id = b.bet_id) AS profit
               FROM bets b WHERE b.guild_id = %s AND b.capper_id = %s AND b.state = 'graded' AND b.import_id IS NULL
               ORDER BY b.starts_at DESC, b.bet_id DESC LIMIT %s""",
            (self._guild_id, capper_id, limit),
        )
        return [BetResult(Grade(row["grade"]), int(row["profit"])) for row in rows]

    def newest_of(self, capper_id: int, when: Stretch, league: str, market: str, limit: int) -> Sequence[BetResult]:
        """The same of a period, league and market, ``""`` for all, among the ``_LOOKED_AT`` that started last."""
        # By bets_by_capper, backwards, so many; the PRIMARY of revisions, legs and ledger for each.
        rows = self._session.all(
            """SELECT x.grade, (SELECT SUM(l.profit_micro) FROM ledger_entries l
                                WHERE l.guild_id = x.guild_id AND l.bet_id = x.bet_id) AS profit
               FROM (SELECT b.guild_id, b.bet_id, b.grade, b.starts_at,
                      IF(MIN(g.league) = MAX(g.league), MIN(g.league), 'several') AS league,
                      IF(r.ticket = 'straight', MIN(g.market), r.ticket) AS market
                     FROM (SELECT guild_id, bet_id, revision, grade, starts_at, sports_day FROM bets
                           WHERE guild_id = %s AND capper_id = %s AND state = 'graded' AND import_id IS NULL
                           ORDER BY starts_at DESC, bet_id DESC LIMIT %s) b
                     JOIN bet_revisions r
                      ON r.guild_id = b.guild_id AND r.bet_id = b.bet_id AND r.revision = b.revision
                     JOIN bet_legs g ON g.guild_id = b.guild_id AND g.bet_id = b.bet_id AND g.revision = b.revision
                     WHERE b.sports_day BETWEEN %s AND %s
                     GROUP BY b.guild_id, b.bet_id, b.grade, b.starts_at, r.ticket) x
               WHERE (%s = '' OR x.league = %s) AND (%s = '' OR x.market = %s)
               ORDER BY x.starts_at DESC, x.bet_id DESC LIMIT %s""",
            (
                self._guild_id,
                capper_id,
                _LOOKED_AT,
                when.first,
                when.until,
                league,
                league,
                market,
                market,
                limit,
            ),
        )
        return [BetResult(Grade(row["grade"]), int(row["profit"])) for row in rows]

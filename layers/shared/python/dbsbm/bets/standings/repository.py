"""The table ``capper_totals``: sums of one guild's ledger, kept beside it and rebuildable from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dbsbm.bets.standings.model import Category, Span, Stretch, Total
from dbsbm.database.session import Row, Session

_ADD_UP = """INSERT INTO capper_totals (guild_id, category, span, league, market, since, capper_id, bets, won, half_won,
 lost, half_lost, pushed, voided, risk_micro, profit_micro, flat_micro)
SELECT x.guild_id, x.category, s.span, IF(l.kept, x.league, '') AS board_league,
 IF(m.kept, x.market, '') AS board_market,
 CASE s.span WHEN 'day' THEN x.sports_day
             WHEN 'month' THEN DATE_SUB(x.sports_day, INTERVAL DAYOFMONTH(x.sports_day) - 1 DAY)
             ELSE DATE '1970-01-01' END AS beginning,
 x.capper_id, SUM(IF(x.grade = 'void', 0, x.bets)), SUM(IF(x.grade = 'won', x.bets, 0)),
 SUM(IF(x.grade = 'half_won', x.bets, 0)), SUM(IF(x.grade = 'lost', x.bets, 0)),
 SUM(IF(x.grade = 'half_lost', x.bets, 0)), SUM(IF(x.grade = 'push', x.bets, 0)), SUM(IF(x.grade = 'void', x.bets, 0)),
 SUM(IF(x.grade = 'void', 0, x.risk_micro)), SUM(IF(x.grade = 'void', 0, x.profit_micro)),
 SUM(IF(x.grade = 'void', 0, x.bets * COALESCE(x.profit_micro * 1000000 DIV NULLIF(x.risk_micro, 0), 0)))
FROM (
 SELECT e.guild_id, e.bet_id, e.grade_seq, e.kind, e.capper_id, e.sports_day, e.grade, e.bets, e.risk_micro,
  e.profit_micro, CASE WHEN b.import_id IS NOT NULL THEN 'imported' WHEN MAX(g.score_home IS NOT NULL) THEN 'live'
                       WHEN MAX(g.market IN ('manual', 'future')) THEN 'manual'
                       WHEN r.price_check = 'unseen' THEN 'unseen' ELSE 'priced' END AS category,
  IF(MIN(g.league) = MAX(g.league), MIN(g.league), 'several') AS league,
  IF(r.ticket = 'straight', MIN(g.market), r.ticket) AS market
 FROM ledger_entries e
 JOIN bets b ON b.guild_id = e.guild_id AND b.bet_id = e.bet_id
 JOIN bet_revisions r ON r.guild_id = b.guild_id AND r.bet_id = b.bet_id AND r.revision = b.revision
 JOIN bet_legs g ON g.guild_id = b.guild_id AND g.bet_id = b.bet_id AND g.revision = b.revision
 WHERE """
_INTO_SUMS = """
 GROUP BY e.guild_id, e.bet_id, e.grade_seq, e.kind
) x
CROSS JOIN (SELECT 'day' AS span UNION ALL SELECT 'month' UNION ALL SELECT 'all') s
CROSS JOIN (SELECT 0 AS kept UNION ALL SELECT 1) l
CROSS JOIN (SELECT 0 AS kept UNION ALL SELECT 1) m
GROUP BY x.guild_id, x.category, s.span, board_league, board_market, beginning, x.capper_id
ON DUPLICATE KEY UPDATE bets = capper_totals.bets + VALUES(bets), won = capper_totals.won + VALUES(won),
 half_won = capper_totals.half_won + VALUES(half_won), lost = capper_totals.lost + VALUES(lost),
 half_lost = capper_totals.half_lost + VALUES(half_lost), pushed = capper_totals.pushed + VALUES(pushed),
 voided = capper_totals.voided + VALUES(voided), risk_micro = capper_totals.risk_micro + VALUES(risk_micro),
 profit_micro = capper_totals.profit_micro + VALUES(profit_micro),
 flat_micro = capper_totals.flat_micro + VALUES(flat_micro)"""
_ADD_DECISION = _ADD_UP + "e.guild_id = %s AND e.bet_id = %s AND e.grade_seq = %s" + _INTO_SUMS
_ADD_SEVERAL = _ADD_UP + "e.guild_id = %s AND e.bet_id IN %s AND e.grade_seq = b.grade_seq" + _INTO_SUMS
_ADD_CAPPER = _ADD_UP + "e.guild_id = %s AND e.capper_id = %s" + _INTO_SUMS
_ADD_BATCH = """INSERT INTO capper_totals (guild_id, category, span, league, market, since, capper_id, bets, won,
 half_won, lost, half_lost, pushed, voided, risk_micro, profit_micro, flat_micro)
SELECT x.guild_id, x.category, s.span, IF(l.kept, x.league, '') AS board_league,
 IF(m.kept, x.market, '') AS board_market,
 CASE s.span WHEN 'day' THEN x.sports_day
             WHEN 'month' THEN DATE_SUB(x.sports_day, INTERVAL DAYOFMONTH(x.sports_day) - 1 DAY)
             ELSE DATE '1970-01-01' END AS beginning,
 x.capper_id, SUM(IF(x.grade = 'void', 0, x.bets)), SUM(IF(x.grade = 'won', x.bets, 0)),
 SUM(IF(x.grade = 'half_won', x.bets, 0)), SUM(IF(x.grade = 'lost', x.bets, 0)),
 SUM(IF(x.grade = 'half_lost', x.bets, 0)), SUM(IF(x.grade = 'push', x.bets, 0)), SUM(IF(x.grade = 'void', x.bets, 0)),
 SUM(IF(x.grade = 'void', 0, x.risk_micro)), SUM(IF(x.grade = 'void', 0, x.profit_micro)),
 SUM(IF(x.grade = 'void', 0, x.flat_micro))
FROM (
 SELECT p.guild_id, b.capper_id, b.sports_day, p.grade, g.league, g.market, COUNT(*) AS bets,
  SUM(p.return_micro - p.profit_micro) AS risk_micro, SUM(p.profit_micro) AS profit_micro,
  SUM(COALESCE(p.profit_micro * 1000000 DIV NULLIF(p.return_micro - p.profit_micro, 0), 0)) AS flat_micro,
  CASE WHEN g.score_home IS NOT NULL THEN 'live' WHEN g.market IN ('manual', 'future') THEN 'manual'
       WHEN r.price_check = 'unseen' THEN 'unseen' ELSE 'priced' END AS category
 FROM bet_proposals p FORCE INDEX (bet_proposals_by_batch)
 STRAIGHT_JOIN bets b ON b.guild_id = p.guild_id AND b.bet_id = p.bet_id
 STRAIGHT_JOIN bet_revisions r ON r.guild_id = b.guild_id AND r.bet_id = b.bet_id AND r.revision = b.revision
 STRAIGHT_JOIN bet_legs g ON g.guild_id = b.guild_id AND g.bet_id = b.bet_id AND g.revision = b.revision
 WHERE p.batch = %s AND p.status = 'applied'
 GROUP BY p.guild_id, b.capper_id, b.sports_day, p.grade, g.league, g.market, category
) x
CROSS JOIN (SELECT 'day' AS span UNION ALL SELECT 'month' UNION ALL SELECT 'all') s
CROSS JOIN (SELECT 0 AS kept UNION ALL SELECT 1) l
CROSS JOIN (SELECT 0 AS kept UNION ALL SELECT 1) m
GROUP BY x.guild_id, x.category, s.span, board_league, board_market, beginning, x.capper_id
ORDER BY x.guild_id, x.category, s.span, board_league, board_market, beginning, x.capper_id
ON DUPLICATE KEY UPDATE bets = capper_totals.bets + VALUES(bets), won = capper_totals.won + VALUES(won),
 half_won = capper_totals.half_won + VALUES(half_won), lost = capper_totals.lost + VALUES(lost),
 half_lost = capper_totals.half_lost + VALUES(half_lost), pushed = capper_totals.pushed + VALUES(pushed),
 voided = capper_totals.voided + VALUES(voided), risk_micro = capper_totals.risk_micro + VALUES(risk_micro),
 profit_micro = capper_totals.profit_micro + VALUES(profit_micro),
 flat_micro = capper_totals.flat_micro + VALUES(flat_micro)"""

BOARD = """SELECT t.capper_id, c.display_name, SUM(t.bets) AS bets, SUM(t.won) AS won, SUM(t.half_won) AS half_won,
 SUM(t.lost) AS lost, SUM(t.half_lost) AS half_lost, SUM(t.pushed) AS pushed, SUM(t.voided) AS voided,
 SUM(t.risk_micro) AS risk_micro, SUM(t.profit_micro) AS profit_micro, SUM(t.flat_micro) AS flat_micro
FROM capper_totals t JOIN cappers c ON c.guild_id = t.guild_id AND c.user_id = t.capper_id
WHERE t.guild_id = %s AND t.category = %s AND t.span = %s AND t.league = %s AND t.market = %s
 AND t.since BETWEEN %s AND %s
GROUP BY t.capper_id, c.display_name HAVING SUM(t.bets) > 0"""
TOGETHER = """SELECT t.since, t.capper_id, c.display_name, SUM(t.bets) AS bets, SUM(t.won) AS won,
 SUM(t.half_won) AS half_won, SUM(t.lost) AS lost, SUM(t.half_lost) AS half_lost, SUM(t.pushed) AS pushed,
 SUM(t.voided) AS voided, SUM(t.risk_micro) AS risk_micro, SUM(t.profit_micro) AS profit_micro,
 SUM(t.flat_micro) AS flat_micro
FROM capper_totals t JOIN cappers c ON c.guild_id = t.guild_id AND c.user_id = t.capper_id
WHERE t.guild_id = %s AND t.category IN %s AND t.span = %s AND t.league = '' AND t.market = ''
 AND t.since BETWEEN %s AND %s
GROUP BY t.since, t.capper_id, c.display_name"""
_SUMS = ("bets", "won", "half_won", "lost", "half_lost", "pushed", "voided", "risk_micro", "profit_micro", "flat_micro")


class StandingsRepository:
    """Sums of one guild's cappers."""

    def __init__(self, session: Session, guild_id: int) -> None:
        self._session = session
        self._guild_id = guild_id

    def add(self, bet_id: int, grade_seq: int) -> None:
        """Take in the ledger entries of one decision, in the transaction that wrote them. Call it once for each."""
        # By PRIMARY of all four.
        self._session.execute(_ADD_DECISION, (self._guild_id, bet_id, grade_seq))

    def add_several(self, bet_ids: Sequence[int]) -> None:
        """The same for the last decision of each of these bets."""
        # By PRIMARY of all four.
        self._session.execute(_ADD_SEVERAL, (self._guild_id, tuple(bet_ids)))

    def rebuild(self, capper_id: int) -> None:
        """Reckon a capper's sums anew from the ledger. The caller keeps everybody from grading meanwhile."""
        # By capper_totals_by_capper, then ledger_by_capper and the PRIMARY of bets, revisions and legs.
        self._session.execute(
            "DELETE FROM capper_totals WHERE guild_id = %s AND capper_id = %s", (self._guild_id, capper_id)
        )
        self._session.execute(_ADD_CAPPER, (self._guild_id, capper_id))

    def board(self, category: Category, when: Stretch, league: str = "", market: str = "") -> Sequence[Total]:
        """Everybody with a graded bet in the period, in no order; ``""`` for every league or market."""
        # By PRIMARY, one range, and the PRIMARY of cappers.
        rows = self._session.all(
            BOARD, (self._guild_id, category.value, when.span.value, league, market, when.first, when.last)
        )
        return [_total(row) for row in rows]

    def of_capper(
        self, capper_id: int, when: Stretch, league: str = "", market: str = "", *, imported: bool = False
    ) -> Total | None:
        """A capper's sums of everything made here, or of what was imported; None where nothing is graded."""
        # By PRIMARY, a range per category.
        row = self._session.one(
            """SELECT capper_id, '' AS display_name, SUM(bets) AS bets, SUM(won) AS won, SUM(half_won) AS half_won,
                SUM(lost) AS lost, SUM(half_lost) AS half_lost, SUM(pushed) AS pushed, SUM(voided) AS voided,
                SUM(risk_micro) AS risk_micro, SUM(profit_micro) AS profit_micro, SUM(flat_micro) AS flat_micro
               FROM capper_totals WHERE guild_id = %s AND category IN %s AND span = %s AND league = %s AND market = %s
                AND since BETWEEN %s AND %s AND capper_id = %s GROUP BY capper_id""",
            (
                self._guild_id,
                _ELSEWHERE if imported else _MADE_HERE,
                when.span.value,
                league,
                market,
                when.first,
                when.last,
                capper_id,
            ),
        )
        return None if row is None else _total(row)

    def together(self, when: Stretch) -> Sequence[tuple[date, Total]]:
        """Each capper's sums of every category made here, by the day or month they began; not what was imported."""
        # By PRIMARY, a range per category, and the PRIMARY of cappers.
        rows = self._session.all(TOGETHER, (self._guild_id, _MADE_HERE, when.span.value, when.first, when.last))
        return [(row["since"], _total(row)) for row in rows]

    def categories(self) -> Sequence[Category]:
        """The categories in which anything is graded."""
        # By PRIMARY: a range per category.
        found = [category for category in Category if self._any(category)]
        return [category for category in Category if category is Category.PRICED or category in found]

    def leagues(self) -> Sequence[str]:
        """The leagues with a graded bet, "several" for tickets across leagues."""
        # By PRIMARY: a range per category, over one row per league and capper.
        rows = self._session.all(
            "SELECT DISTINCT league FROM capper_totals WHERE guild_id = %s AND category IN %s AND span = %s "
            "AND league <> '' AND market = '' ORDER BY league",
            (self._guild_id, _CATEGORIES, Span.ALL.value),
        )
        return [row["league"] for row in rows]

    def markets(self) -> Sequence[str]:
        """The markets, and kinds of tickets, with a graded bet."""
        # By PRIMARY: a range per category, over one row per market and capper.
        rows = self._session.all(
            "SELECT DISTINCT market FROM capper_totals WHERE guild_id = %s AND category IN %s AND span = %s "
            "AND league = '' AND market <> '' ORDER BY market",
            (self._guild_id, _CATEGORIES, Span.ALL.value),
        )
        return [row["market"] for row in rows]

    def _any(self, category: Category) -> bool:
        row = self._session.one(
            "SELECT 1 FROM capper_totals WHERE guild_id = %s AND category = %s AND span = 'all' AND league = '' "
            "AND market = '' AND bets > 0 LIMIT 1",
            (self._guild_id, category.value),
        )
        return row is not None


_CATEGORIES = tuple(category.value for category in Category)
_MADE_HERE = tuple(category.value for category in Category if category is not Category.IMPORTED)
_ELSEWHERE = (Category.IMPORTED.value,)


def _total(row: Row) -> Total:
    return Total(row["capper_id"], row["display_name"], *(int(row[name]) for name in _SUMS))


class BatchSums:
    """The same sums for a batch of straight bets of any guilds that the results graded together."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, batch: int) -> None:
        """Add the entries that this batch wrote, in their transaction. They are what its proposals say."""
        # bet_proposals_by_batch, then the PRIMARY of each.
        self._session.execute(_ADD_BATCH, (batch,))

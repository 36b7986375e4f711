"""Closing line values of bets. The job values the bets of every guild; reading is by guild."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from dbsbm.database.session import Row, Session

_PPM = 1_000_000
_KEYS_PER_STATEMENT = 200
NEWEST = 500
"""Bets that a board's mean is over, so that it costs the same in ten years."""


class ValueRepository:
    """The job's side: which bets have no value yet, and their values."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def unvalued(self, game_id: int, closing: int, limit: int) -> Sequence[Row]:
        """Legs on a game, of bets' present terms, without a value from this closing."""
        # bet_legs_by_game, then the PRIMARY of each.
        return self._session.all(_UNVALUED, (game_id, closing, limit))

    def legs_of(self, keys: Sequence[tuple[int, int, int]]) -> list[Row]:
        """Every leg of these (guild id, bet id, revision) with its value; ``reason`` is None where none is yet."""
        found: list[Row] = []
        for first in range(0, len(keys), _KEYS_PER_STATEMENT):
            part = keys[first : first + _KEYS_PER_STATEMENT]
            # PRIMARY of both, a range per bet.
            alternatives = " OR ".join(["(l.guild_id = %s AND l.bet_id = %s AND l.revision = %s)"] * len(part))
            found.extend(self._session.all(f"{_LEGS} WHERE {alternatives}", [value for key in part for value in key]))
        return found

    def put_legs(self, rows: Sequence[Sequence[Any]]) -> None:
        """Values of legs, in the order of the columns; a value from an earlier closing is replaced."""
        self._session.execute_many(_PUT_LEG, rows)

    def put_bets(self, rows: Sequence[Sequence[Any]]) -> None:
        """Values of bets, in the order of the columns."""
        self._session.execute_many(_PUT_BET, rows)


@dataclass(frozen=True, slots=True)
class StoredValue:
    """A bet's closing line value, None where ``reason`` says why; ``book`` and ``method`` of a straight bet's close."""

    value: Decimal | None
    reason: str
    book: str | None
    method: str | None
    close_line_q: int | None


@dataclass(frozen=True, slots=True)
class AverageValue:
    """The mean over ``bets`` graded bets that have one; None while none has."""

    mean: Decimal | None
    bets: int


class GuildValueRepository:
    """Closing line values of one guild's bets."""

    def __init__(self, session: Session, guild_id: int) -> None:
        self._session = session
        self._guild_id = guild_id

    def of_bet(self, bet_id: int, revision: int) -> StoredValue | None:
        """The value of a bet's terms; None before its games are closed."""
        # By PRIMARY of both.
        row = self._session.one(
            """SELECT b.value_ppm, b.reason, l.book, l.method, l.close_line_q FROM clv_bets b
               LEFT JOIN clv_legs l ON l.guild_id = b.guild_id AND l.bet_id = b.bet_id AND l.revision = b.revision
                   AND l.leg = 1
               WHERE b.guild_id = %s AND b.bet_id = %s AND b.revision = %s""",
            (self._guild_id, bet_id, revision),
        )
        if row is None:
            return None
        value = None if row["value_ppm"] is None else Decimal(row["value_ppm"]) / _PPM
        return StoredValue(value, row["reason"], row["book"], row["method"], row["close_line_q"])

    def several(self, bets: Mapping[int, int]) -> dict[int, Decimal]:
        """Values of these bets (revision by bet id), those that have one."""
        if not bets:
            return {}
        # By PRIMARY, a range per bet.
        rows = self._session.all(
            """SELECT bet_id, revision, value_ppm FROM clv_bets
               WHERE guild_id = %s AND bet_id IN %s AND value_ppm IS NOT NULL""",
            (self._guild_id, list(bets)),
        )
        found = (row for row in rows if bets[row["bet_id"]] == row["revision"])
        return {row["bet_id"]: Decimal(row["value_ppm"]) / _PPM for row in found}

    def lately(self, capper_id: int, since: datetime) -> AverageValue:
        """The mean over a capper's newest graded bets that started since then, ``NEWEST`` at most."""
        # bets_by_capper, backwards from the newest, then the PRIMARY of each value.
        row = self._session.one(
            """SELECT COUNT(*) AS bets, AVG(x.value_ppm) AS mean FROM (
                   SELECT v.value_ppm FROM bets b
                   JOIN clv_bets v ON v.guild_id = b.guild_id AND v.bet_id = b.bet_id AND v.revision = b.revision
                   WHERE b.guild_id = %s AND b.capper_id = %s AND b.state = 'graded' AND b.starts_at >= %s
                       AND b.grade <> 'void' AND v.value_ppm IS NOT NULL
                   ORDER BY b.starts_at DESC, b.bet_id DESC LIMIT %s
               ) x""",
            (self._guild_id, capper_id, since, NEWEST),
        )
        if row is None or not row["bets"]:
            return AverageValue(None, 0)
        return AverageValue(Decimal(row["mean"]) / _PPM, row["bets"])

    def average(self, capper_id: int) -> AverageValue:
        """The mean over a capper's graded bets; void ones and those without a value are left out."""
        # bets_by_capper, then the PRIMARY of each value.
        row = self._session.one(
            """SELECT COUNT(v.value_ppm) AS bets, AVG(v.value_ppm) AS mean FROM bets b
               JOIN clv_bets v ON v.guild_id = b.guild_id AND v.bet_id = b.bet_id AND v.revision = b.revision
               WHERE b.guild_id = %s AND b.capper_id = %s AND b.state = 'graded' AND b.grade <> 'void'""",
            (self._guild_id, capper_id),
        )
        if row is None or not row["bets"]:
            return AverageValue(None, 0)
        return AverageValue(Decimal(row["mean"]) / _PPM, row["bets"])


_UNVALUED = """
SELECT l.guild_id, l.bet_id, l.revision, l.leg, l.game_id, l.league, l.market, l.side, l.line_q, l.odds_num, l.odds_den,
    l.period, l.player, l.stat, r.ticket, r.odds_num AS ticket_num, r.odds_den AS ticket_den, r.priced_at
FROM bet_legs l
JOIN bets b ON b.guild_id = l.guild_id AND b.bet_id = l.bet_id AND b.revision = l.revision
JOIN bet_revisions r ON r.guild_id = l.guild_id AND r.bet_id = l.bet_id AND r.revision = l.revision
LEFT JOIN clv_legs v
    ON v.guild_id = l.guild_id AND v.bet_id = l.bet_id AND v.revision = l.revision AND v.leg = l.leg
WHERE l.game_id = %s AND (v.closing IS NULL OR v.closing < %s)
ORDER BY l.guild_id, l.bet_id, l.leg LIMIT %s"""
_LEGS = """
SELECT l.guild_id, l.bet_id, l.revision, l.game_id, l.odds_num, l.odds_den, v.value_ppm, v.reason
FROM bet_legs l
LEFT JOIN clv_legs v
    ON v.guild_id = l.guild_id AND v.bet_id = l.bet_id AND v.revision = l.revision AND v.leg = l.leg"""
_PUT_LEG = """
INSERT INTO clv_legs (guild_id, bet_id, revision, leg, game_id, closing, value_ppm, reason, book, method, close_line_q,
    close_num, close_den, fair, computed_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE closing = VALUES(closing), value_ppm = VALUES(value_ppm), reason = VALUES(reason),
    book = VALUES(book), method = VALUES(method), close_line_q = VALUES(close_line_q), close_num = VALUES(close_num),
    close_den = VALUES(close_den), fair = VALUES(fair), computed_at = VALUES(computed_at)"""
_PUT_BET = """
INSERT INTO clv_bets (guild_id, bet_id, revision, value_ppm, reason, computed_at) VALUES (%s, %s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE value_ppm = VALUES(value_ppm), reason = VALUES(reason), computed_at = VALUES(computed_at)"""

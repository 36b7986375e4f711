"""Bets that wait for a grade, batches of grades, and the cards that show them: always of one guild."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dbsbm.audit.events import Kind, Subject
from dbsbm.audit.repository import AuditRepository
from dbsbm.database.session import Session

WAITING = """SELECT bet_id FROM bets WHERE guild_id = %s AND state = 'open' AND starts_at <= %s
 ORDER BY starts_at, bet_id LIMIT %s"""
LEFT = """SELECT bet_id FROM bets WHERE guild_id = %s AND state = 'open' AND starts_at < %s
 AND sports_day BETWEEN %s AND %s ORDER BY starts_at, bet_id LIMIT %s"""
OPEN = "SELECT COUNT(*) AS n FROM bets WHERE guild_id = %s AND state = 'open'"
COUNT = "SELECT COUNT(*) AS n FROM bets WHERE guild_id = %s AND state = 'open' AND starts_at <= %s"


@dataclass(frozen=True, slots=True)
class Batch:
    """Grades of one press: ``bets`` are (bet id, number of its decision)."""

    batch_id: int
    decided_at: datetime
    standing: bool
    bets: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Card:
    card_id: int
    posted: bool


@dataclass(frozen=True, slots=True)
class Graded:
    """What the graded bets of a card come to, in micro-units."""

    bets: int
    profit_micro: int


class EveningRepository:
    """Tables ``grade_batches``, ``grade_batch_bets``, ``result_cards`` and ``result_card_bets``."""

    def __init__(self, session: Session, guild_id: int) -> None:
        self._session = session
        self._guild_id = guild_id

    def waiting(self, at: datetime, limit: int) -> Sequence[int]:
        """Open bets whose start is past, earliest first."""
        # By bets_ungraded, in order.
        return [row["bet_id"] for row in self._session.all(WAITING, (self._guild_id, at, limit))]

    def left(self, first: date, last: date, before: datetime, limit: int) -> Sequence[int]:
        """Open bets of some sports days that had started before a moment, earliest first."""
        # By bets_ungraded, in order.
        rows = self._session.all(LEFT, (self._guild_id, before, first, last, limit))
        return [row["bet_id"] for row in rows]

    def open(self) -> int:
        """How many bets are open, started or not."""
        # By bets_ungraded.
        row = self._session.one(OPEN, (self._guild_id,))
        return int(row["n"]) if row else 0

    def count(self, at: datetime) -> int:
        # By bets_ungraded.
        row = self._session.one(COUNT, (self._guild_id, at))
        return int(row["n"]) if row else 0

    def held(self, bet_ids: Sequence[int]) -> dict[int, str]:
        """Why the sources' results are held back, by bet; written by the settlement job."""
        if not bet_ids:
            return {}
        # By PRIMARY.
        rows = self._session.all(
            "SELECT bet_id, reason FROM bet_proposals WHERE guild_id = %s AND bet_id IN %s AND status = 'held'",
            (self._guild_id, tuple(bet_ids)),
        )
        return {row["bet_id"]: row["reason"] for row in rows}

    def add_batch(self, batch_id: int, decided_by: int, at: datetime, bets: Sequence[tuple[int, int]]) -> None:
        self._session.execute(
            "INSERT INTO grade_batches (guild_id, batch_id, decided_by, decided_at) VALUES (%s, %s, %s, %s)",
            (self._guild_id, batch_id, decided_by, at),
        )
        self._session.execute_many(
            "INSERT INTO grade_batch_bets (guild_id, batch_id, bet_id, grade_seq) VALUES (%s, %s, %s, %s)",
            [(self._guild_id, batch_id, bet_id, sequence) for bet_id, sequence in bets],
        )
        AuditRepository(self._session, self._guild_id).append(
            Kind.BATCH_GRADED, Subject(f"batch:{batch_id}"), {"bets": len(bets)}
        )

    def lock_batch(self, batch_id: int) -> Batch | None:
        """A batch of this guild, held until the transaction ends."""
        # By PRIMARY of both.
        row = self._session.one(
            "SELECT decided_at, state FROM grade_batches WHERE guild_id = %s AND batch_id = %s FOR UPDATE",
            (self._guild_id, batch_id),
        )
        if row is None:
            return None
        bets = self._session.all(
            "SELECT bet_id, grade_seq FROM grade_batch_bets WHERE guild_id = %s AND batch_id = %s ORDER BY bet_id",
            (self._guild_id, batch_id),
        )
        pairs = tuple((bet["bet_id"], bet["grade_seq"]) for bet in bets)
        return Batch(batch_id, row["decided_at"], row["state"] == "standing", pairs)

    def undo_batch(self, batch_id: int) -> None:
        # By PRIMARY.
        self._session.execute(
            "UPDATE grade_batches SET state = 'undone' WHERE guild_id = %s AND batch_id = %s",
            (self._guild_id, batch_id),
        )
        AuditRepository(self._session, self._guild_id).append(Kind.BATCH_UNDONE, Subject(f"batch:{batch_id}"))

    def card(self, channel_id: int, since: datetime) -> Card | None:
        """The channel's newest card opened after ``since``, held until the transaction ends."""
        # By PRIMARY, backwards.
        row = self._session.one(
            "SELECT card_id, posted FROM result_cards WHERE guild_id = %s AND channel_id = %s AND opened_at > %s "
            "ORDER BY opened_at DESC, card_id DESC LIMIT 1 FOR UPDATE",
            (self._guild_id, channel_id, since),
        )
        return None if row is None else Card(row["card_id"], bool(row["posted"]))

    def open_card(self, channel_id: int, card_id: int, at: datetime) -> Card:
        self._session.execute(
            "INSERT INTO result_cards (guild_id, channel_id, opened_at, card_id) VALUES (%s, %s, %s, %s)",
            (self._guild_id, channel_id, at, card_id),
        )
        return Card(card_id, posted=False)

    def put_on_card(self, card_id: int, bet_ids: Sequence[int]) -> Sequence[int]:
        """Add bets that are not there yet; returns all that are on the card."""
        # By PRIMARY.
        self._session.execute_many(
            "INSERT INTO result_card_bets (guild_id, card_id, bet_id) VALUES (%s, %s, %s) "
            "ON DUPLICATE KEY UPDATE bet_id = VALUES(bet_id)",
            [(self._guild_id, card_id, bet_id) for bet_id in bet_ids],
        )
        rows = self._session.all(
            "SELECT bet_id FROM result_card_bets WHERE guild_id = %s AND card_id = %s ORDER BY bet_id",
            (self._guild_id, card_id),
        )
        return [row["bet_id"] for row in rows]

    def graded(self, card_id: int) -> Graded:
        """The sums of a card, over more bets than it shows."""
        # By PRIMARY of all three.
        row = self._session.one(
            """SELECT COUNT(DISTINCT b.bet_id) AS bets, COALESCE(SUM(l.profit_micro), 0) AS profit_micro
               FROM result_card_bets c
               JOIN bets b ON b.guild_id = c.guild_id AND b.bet_id = c.bet_id AND b.grade IS NOT NULL
               LEFT JOIN ledger_entries l ON l.guild_id = b.guild_id AND l.bet_id = b.bet_id
               WHERE c.guild_id = %s AND c.card_id = %s""",
            (self._guild_id, card_id),
        )
        return Graded(int(row["bets"]), int(row["profit_micro"])) if row else Graded(0, 0)

    def mark_posted(self, channel_id: int, card_id: int, since: datetime) -> None:
        # By PRIMARY, a range of times.
        self._session.execute(
            "UPDATE result_cards SET posted = 1 WHERE guild_id = %s AND channel_id = %s AND opened_at > %s "
            "AND card_id = %s",
            (self._guild_id, channel_id, since, card_id),
        )

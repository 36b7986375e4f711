"""The table ``tails``, always of one guild."""

from __future__ import annotations

from collections.abc import Sequence

from dbsbm.audit.events import Kind, Subject
from dbsbm.audit.repository import AuditRepository
from dbsbm.bets.tails.model import Direction, Offer, Source, Tail
from dbsbm.database.session import Row, Session

OWN = """SELECT bet_id, user_id, version, state, direction, revision, risk_micro, odds_num, odds_den, source, book,
 taken_at FROM tails WHERE guild_id = %s AND user_id = %s AND state = 'on' ORDER BY bet_id DESC LIMIT %s"""


class TailRepository:
    """Who goes with which bet, and who against it."""

    def __init__(self, session: Session, guild_id: int) -> None:
        self._session = session
        self._guild_id = guild_id

    def find(self, bet_id: int, user_id: int) -> Tail | None:
        """A member's position, taken back ones too. The caller holds the bet's lock before changing it."""
        # By PRIMARY.
        row = self._session.one(
            """SELECT bet_id, user_id, version, state, direction, revision, risk_micro, odds_num, odds_den, source,
               book, taken_at FROM tails WHERE guild_id = %s AND bet_id = %s AND user_id = %s""",
            (self._guild_id, bet_id, user_id),
        )
        return None if row is None else _tail(row)

    def put(self, tail: Tail) -> None:
        """Store a position as it is now."""
        terms = (
            *(tail.version, "on" if tail.standing else "off", tail.direction.value, tail.revision, tail.risk_micro),
            *(tail.offer.num, tail.offer.den, tail.offer.source.value, tail.offer.book, tail.taken_at),
        )
        # By PRIMARY.
        self._session.execute(
            """INSERT INTO tails (guild_id, bet_id, user_id, version, state, direction, revision, risk_micro, odds_num,
               odds_den, source, book, taken_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
               ON DUPLICATE KEY UPDATE version = %s, state = %s, direction = %s, revision = %s, risk_micro = %s,
               odds_num = %s, odds_den = %s, source = %s, book = %s, taken_at = %s""",
            (self._guild_id, tail.bet_id, tail.user_id, *terms, *terms),
        )
        details = {"version": tail.version, "standing": tail.standing, "direction": tail.direction.value}
        details |= {"revision": tail.revision, "risk_micro": tail.risk_micro, "source": tail.offer.source.value}
        own = Subject(f"tail:{tail.bet_id}:{tail.user_id}", tail.user_id)
        AuditRepository(self._session, self._guild_id).append(Kind.TAIL_SET, own, details)

    def counts(self, bet_id: int) -> dict[Direction, int]:
        """How many go with a bet and against it."""
        # By PRIMARY, the rows of one bet.
        rows = self._session.all(
            "SELECT direction, COUNT(*) AS n FROM tails WHERE guild_id = %s AND bet_id = %s AND state = 'on' "
            "GROUP BY direction",
            (self._guild_id, bet_id),
        )
        return {Direction(row["direction"]): int(row["n"]) for row in rows}

    def own(self, user_id: int, limit: int) -> Sequence[Tail]:
        """A member's positions, newest bets first."""
        # By tails_by_user, backwards.
        return [_tail(row) for row in self._session.all(OWN, (self._guild_id, user_id, limit))]


def _tail(row: Row) -> Tail:
    return Tail(
        bet_id=row["bet_id"],
        user_id=row["user_id"],
        version=row["version"],
        standing=row["state"] == "on",
        direction=Direction(row["direction"]),
        revision=row["revision"],
        risk_micro=row["risk_micro"],
        offer=Offer(row["odds_num"], row["odds_den"], Source(row["source"]), row["book"]),
        taken_at=row["taken_at"],
    )

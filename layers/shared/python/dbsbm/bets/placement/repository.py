"""Where a bet's slip is, when it could not go where it was meant to: always of one guild."""

from __future__ import annotations

from dbsbm.audit.events import Kind
from dbsbm.audit.events import bet as of_bet
from dbsbm.audit.repository import AuditRepository
from dbsbm.database.session import Session


class PlacementRepository:
    """Channel and ping of the bets of one guild."""

    def __init__(self, session: Session, guild_id: int) -> None:
        self._session = session
        self._guild_id = guild_id

    def move(self, bet_id: int, channel_id: int, ping_role_id: int | None) -> None:
        """The slip never arrived, and goes to this channel now. The caller holds the bet's lock."""
        # By PRIMARY.
        self._session.execute(
            "UPDATE bets SET channel_id = %s, ping_role_id = %s WHERE guild_id = %s AND bet_id = %s",
            (channel_id, ping_role_id, self._guild_id, bet_id),
        )
        # By PRIMARY.
        row = self._session.one(
            "SELECT capper_id FROM bets WHERE guild_id = %s AND bet_id = %s", (self._guild_id, bet_id)
        )
        if row is not None:
            moved = of_bet(bet_id, row["capper_id"])
            AuditRepository(self._session, self._guild_id).append(Kind.BET_MOVED, moved, {"channel": str(channel_id)})

    def is_lost(self, bet_id: int) -> bool:
        """Whether the slip is in no channel and on no way to one: Discord refused every attempt."""
        # outbox_by_target, the rows of one bet.
        row = self._session.one(
            "SELECT COUNT(*) AS posts, COALESCE(SUM(state IN ('pending', 'sending', 'sent', 'unknown')), 0) AS others "
            "FROM outbox WHERE target_key = %s AND guild_id = %s AND kind = 'slip.post'",
            (f"bet:{bet_id}", self._guild_id),
        )
        return row is not None and row["posts"] > 0 and not row["others"]

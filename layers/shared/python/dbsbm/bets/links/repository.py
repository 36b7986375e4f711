"""Which slips of a guild anybody may see as pictures: the keys in their addresses."""

from __future__ import annotations

from dbsbm.audit.events import Kind, bet
from dbsbm.audit.repository import AuditRepository
from dbsbm.database.session import Session


class LinkRepository:
    """The keys of the bets of one guild."""

    def __init__(self, session: Session, guild_id: int) -> None:
        self._session = session
        self._guild_id = guild_id

    def key(self, bet_id: int) -> str | None:
        """The key of a bet's picture; None when there is no such bet, or its picture is not public."""
        # By PRIMARY.
        row = self._session.one(
            "SELECT public_key FROM bets WHERE guild_id = %s AND bet_id = %s", (self._guild_id, bet_id)
        )
        return None if row is None else row["public_key"]

    def set_key(self, bet_id: int, capper_id: int, key: str | None) -> None:
        """Make a bet's picture public under a key, or with None private again. The caller holds the bet's lock."""
        # By PRIMARY.
        self._session.execute(
            "UPDATE bets SET public_key = %s WHERE guild_id = %s AND bet_id = %s", (key, self._guild_id, bet_id)
        )
        audit = AuditRepository(self._session, self._guild_id)
        audit.append(Kind.BET_SHARED, bet(bet_id, capper_id), {"public": key is not None})

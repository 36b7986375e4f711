"""Whether Discord still lets us into a guild. Not guild-scoped: delivery and a job look after every guild."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dbsbm.audit.events import Kind, Subject
from dbsbm.audit.repository import AuditRepository
from dbsbm.database.session import Session


class GuildLifeRepository:
    """The columns ``state``, ``look_due_at`` and ``removed_at`` of ``guilds``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def doubt(self, guild_id: int, now: datetime) -> None:
        """Something could not be reached: the guild is to be looked for now. One that is due already stays so."""
        # By PRIMARY.
        self._session.execute(
            "UPDATE guilds SET look_due_at = %s WHERE guild_id = %s AND state <> 'leaving' "
            "AND (look_due_at IS NULL OR state = 'active' AND look_due_at > %s)",
            (now, guild_id, now),
        )

    def unknown(self, guild_id: int, now: datetime) -> None:
        """Discord says that there is no such guild for us: nothing is made for it until a look, or somebody in it."""
        # By PRIMARY.
        self._session.execute(
            "UPDATE guilds SET look_due_at = IF(state = 'active', LEAST(COALESCE(look_due_at, %s), %s), "
            "COALESCE(look_due_at, %s)), state = 'unreachable' WHERE guild_id = %s AND state <> 'leaving'",
            (now, now, now, guild_id),
        )
        self._moved(guild_id, "unknown")

    def due(self, now: datetime, limit: int) -> Sequence[int]:
        """Guilds to look for, longest due first; one of before every guild had its time is due."""
        # By guilds_by_look, in order.
        rows = self._session.all(
            "SELECT guild_id FROM guilds WHERE look_due_at <= %s OR look_due_at IS NULL AND state = 'active' "
            "ORDER BY look_due_at LIMIT %s",
            (now, limit),
        )
        return [row["guild_id"] for row in rows]

    def gone(self, guild_id: int, now: datetime, again_at: datetime) -> None:
        """We are not in it any more: its data is kept for a time from the first such look on."""
        # By PRIMARY.
        self._session.execute(
            "UPDATE guilds SET state = 'unreachable', removed_at = COALESCE(removed_at, %s), look_due_at = %s "
            "WHERE guild_id = %s AND state <> 'leaving'",
            (now, again_at, guild_id),
        )
        self._moved(guild_id, "gone")

    def reachable(self, guild_id: int, again_at: datetime) -> None:
        """We are in it, as far as anybody knows until the next look."""
        # By PRIMARY.
        back = self._session.execute(
            "UPDATE guilds SET state = 'active', removed_at = NULL WHERE guild_id = %s AND state = 'unreachable'",
            (guild_id,),
        )
        self._session.execute(
            "UPDATE guilds SET look_due_at = %s WHERE guild_id = %s AND state = 'active'", (again_at, guild_id)
        )
        if back:
            self._moved(guild_id, "reachable")

    def _moved(self, guild_id: int, state: str) -> None:
        AuditRepository(self._session, guild_id).append(Kind.GUILD_STATE, Subject("guild"), {"state": state})

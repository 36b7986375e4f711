"""What happens to a guild as a whole."""

from __future__ import annotations

from datetime import datetime

from dbsbm.database.session import Session
from dbsbm.guilds.repository import GuildRepository


def on_application_authorized(session: Session, guild_id: int, now: datetime) -> None:
    """The app was installed in a guild (Discord's ``APPLICATION_AUTHORIZED``). Taking it twice changes nothing."""
    GuildRepository(session, guild_id).revive(now)

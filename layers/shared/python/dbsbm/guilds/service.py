"""What happens to a guild as a whole."""

from __future__ import annotations

from datetime import datetime

from dbsbm.database.session import Session
from dbsbm.guilds.life.repository import GuildLifeRepository
from dbsbm.guilds.repository import GuildRepository


def on_application_authorized(session: Session, guild_id: int, now: datetime) -> None:
    """The app was installed in a guild (Discord's ``APPLICATION_AUTHORIZED``). Taking it twice changes nothing."""
    GuildRepository(session, guild_id).revive(now)


def on_application_deauthorized(session: Session, guild_id: int, now: datetime) -> None:
    """Somebody took the app's rights back (Discord's ``APPLICATION_DEAUTHORIZED``): a look shows whether we are in."""
    GuildLifeRepository(session).doubt(guild_id, now)

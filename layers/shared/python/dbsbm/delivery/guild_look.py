"""The look for guilds that may have removed us: only Discord can say, and it tells nobody without a gateway.

Each is asked for once a week, at once when something in it could not be reached, and daily while we are not in it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from dbsbm.core.clock import Clock
from dbsbm.core.errors import DiscordError, DiscordUnavailableError
from dbsbm.database.database import Database
from dbsbm.delivery.verdict import MISSING_ACCESS, UNKNOWN_GUILD
from dbsbm.discord.rest import DiscordClient
from dbsbm.guilds.life.repository import GuildLifeRepository
from dbsbm.guilds.model import LOOK_EVERY

logger = logging.getLogger(__name__)

AGAIN = timedelta(days=1)
GUILDS_PER_RUN = 1000
"""100,000 guilds are 600 an hour."""
_NOT_IN_IT = frozenset({UNKNOWN_GUILD, MISSING_ACCESS})
_WRONG_TOKEN = 401


@dataclass(frozen=True, slots=True)
class Looked:
    """How many guilds were there, and how many were not."""

    reachable: int = 0
    gone: int = 0


def look(database: Database, discord: DiscordClient, clock: Clock, has_time: Callable[[], bool]) -> Looked:
    """Ask for each guild that is due, while there is time; what is left, or not answered, is for the next run.

    Raises
    ------
    DatabaseUnavailableError
        When the database is away; what was found before stays.
    """
    with database.read() as session:
        due = GuildLifeRepository(session).due(clock.now(), GUILDS_PER_RUN)
    reachable = gone = 0
    for guild_id in due:
        if not has_time():
            break
        try:
            there = _is_there(discord, guild_id)
        except DiscordError as error:
            logger.warning("not looked for: %s %s", error.status, error.detail)
            break
        _record(database, clock, guild_id, there=there)
        reachable, gone = reachable + there, gone + (not there)
    return Looked(reachable, gone)


def _is_there(discord: DiscordClient, guild_id: int) -> bool:
    """Raises DiscordError when the answer says nothing about the guild: a limit, a fault, a token of ours."""
    try:
        discord.guild(guild_id)
    except DiscordUnavailableError:
        raise
    except DiscordError as error:
        if error.status == _WRONG_TOKEN or error.discord_code not in _NOT_IN_IT:
            raise
        return False
    return True


def _record(database: Database, clock: Clock, guild_id: int, *, there: bool) -> None:
    now = clock.now()
    if there:
        database.run(lambda session: GuildLifeRepository(session).reachable(guild_id, now + LOOK_EVERY))
    else:
        database.run(lambda session: GuildLifeRepository(session).gone(guild_id, now, now + AGAIN))

"""The nightly look: everything that stands according to Discord, so that no lost event lasts longer than a day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from dbsbm.core.clock import Clock
from dbsbm.database.database import Database
from dbsbm.database.session import Session
from dbsbm.discord.rest import DiscordClient
from dbsbm.tiers.model import Entitlement
from dbsbm.tiers.reading import entitlement
from dbsbm.tiers.repository import EntitlementRepository

PAGE = 100
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Look:
    """``whole`` is False when time ran out first: then nothing is taken to have ended."""

    told: int
    ended: int
    whole: bool


def look(
    database: Database, discord: DiscordClient, application_id: int, clock: Clock, has_time: Callable[[], bool]
) -> Look:
    """Take in every entitlement that stands, then end what is held as live and was not among them.

    Raises
    ------
    DiscordError
        Nothing is ended then; what was told stays taken in.
    """
    began, after, told = clock.now(), 0, 0
    while has_time():
        page = discord.entitlements(application_id, after=after, limit=PAGE)
        found = [each for each in (entitlement(item, began) for item in page) if each is not None]
        database.run(_taking(found))
        told += len(found)
        if len(page) < PAGE:
            return Look(told, _end(database, began), whole=True)
        after = max(int(item["id"]) for item in page)
    return Look(told, 0, whole=False)


def _taking(found: list[Entitlement]) -> Callable[[Session], None]:
    return lambda session: EntitlementRepository(session).take(found)


def _end(database: Database, began: datetime) -> int:
    ended, rows = 0, _BATCH
    while rows == _BATCH:
        rows = database.run(lambda session: EntitlementRepository(session).end_untold(began, _BATCH))
        ended += rows
    return ended

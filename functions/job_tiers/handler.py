"""Fired by the Scheduler each night: what communities have bought, as Discord lists it."""

from __future__ import annotations

import logging
from typing import Any

from dbsbm.core.invocation import watched
from dbsbm.environment import current
from dbsbm.tiers.looking import look
from dbsbm.tiers.model import offered_in

logger = logging.getLogger(__name__)

_RESERVE_MS = 15_000


@watched
def handler(_event: object, context: Any) -> dict[str, Any]:
    """One look; nobody is asked while nothing is sold."""
    environment = current()
    application_id = environment.settings.discord_application_id
    if not application_id or not offered_in(environment.settings):
        return {"v": 1, "told": 0, "ended": 0, "whole": True}

    def has_time() -> bool:
        return bool(context.get_remaining_time_in_millis() > _RESERVE_MS)

    done = look(environment.database, environment.discord, int(application_id), environment.clock, has_time)
    if not done.whole:
        logger.error("the look was not finished: nothing was ended")
    counts = {"told": done.told, "ended": done.ended, "whole": done.whole}
    logger.info("looked", extra=counts)
    return {"v": 1, **counts}

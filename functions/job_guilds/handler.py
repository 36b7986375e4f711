"""Fired by the Scheduler: asks Discord for the guilds that may have removed us."""

from __future__ import annotations

import logging
from typing import Any

from dbsbm.core.invocation import watched
from dbsbm.delivery.guild_look import look
from dbsbm.environment import current

logger = logging.getLogger(__name__)

_RESERVE_MS = 15_000
"""One request takes 8 s at most."""


@watched
def handler(_event: object, context: Any) -> dict[str, Any]:
    """One run; what is left is for the next one."""
    environment = current()
    done = look(
        environment.database,
        environment.discord,
        environment.clock,
        lambda: bool(context.get_remaining_time_in_millis() > _RESERVE_MS),
    )
    counts = {"reachable": done.reachable, "gone": done.gone}
    logger.info("looked for guilds", extra=counts)
    return {"v": 1, **counts}

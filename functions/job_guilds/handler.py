"""Fired by the Scheduler: asks Discord for the guilds that may have removed us, and forgets those that did long ago."""

from __future__ import annotations

import logging
from typing import Any

from dbsbm.core.invocation import watched
from dbsbm.delivery.guild_look import look
from dbsbm.environment import current
from dbsbm.privacy.removal.service import remove_gone

logger = logging.getLogger(__name__)

_RESERVE_MS = 15_000
"""One request takes 8 s at most."""


@watched
def handler(_event: object, context: Any) -> dict[str, Any]:
    """One run; what is left is for the next one."""
    environment = current()

    def has_time() -> bool:
        return bool(context.get_remaining_time_in_millis() > _RESERVE_MS)

    done = look(environment.database, environment.discord, environment.clock, has_time)
    removed = remove_gone(environment.database, environment.clock, has_time)
    counts = {"reachable": done.reachable, "gone": done.gone, "removed": removed.get("guilds", 0)}
    logger.info("looked for guilds", extra={**counts, "rows": removed})
    return {"v": 1, **counts}

"""Fired by the Scheduler: tells members the results of the bets they follow, as they wished."""

from __future__ import annotations

import logging
from typing import Any

from dbsbm.commands.news import tell_followers
from dbsbm.core.invocation import watched
from dbsbm.environment import current

logger = logging.getLogger(__name__)

_RESERVE_MS = 15_000


@watched
def handler(_event: object, context: Any) -> dict[str, Any]:
    """One run; what is left is for the next one."""
    messages = tell_followers(current(), lambda: context.get_remaining_time_in_millis() > _RESERVE_MS)
    logger.info("told", extra={"messages": messages})
    return {"v": 1, "messages": messages}

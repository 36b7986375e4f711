"""Fired by the Scheduler: does what communities have the bot do by itself, where it is due."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from dbsbm.commands.routines import run
from dbsbm.core.invocation import watched
from dbsbm.environment import current
from dbsbm.settlement.jobs import scheduled_at

logger = logging.getLogger(__name__)

_RESERVE_MS = 15_000


@watched
def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """One run; what is left is for the next one. Returns how often each routine was done."""
    environment = current()
    done = run(
        environment,
        scheduled_at(event, environment.clock),
        has_time=lambda: bool(context.get_remaining_time_in_millis() > _RESERVE_MS),
    )
    logger.info("routines", extra={"done": done})
    return {"v": 1, "done": done}

"""Fired by the Scheduler: takes final scores to the bets on them, and stamps the slips of what that graded.

Where there is much, it is invoked once more by itself, to settle beside the first run.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from dbsbm.commands.stamps import stamp
from dbsbm.core.invocation import watched
from dbsbm.environment import current
from dbsbm.settlement.jobs import run_beside, run_settle

logger = logging.getLogger(__name__)

_RESERVE_MS = 15_000


@watched
def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """One run; what is left is for the next one."""
    environment = current()

    def has_time() -> bool:
        return bool(context.get_remaining_time_in_millis() > _RESERVE_MS)

    if "beside" in event:
        counts = run_beside(event, environment, has_time)
        logger.info("settled beside", extra=counts)
        return counts
    counts = run_settle(event, environment, has_time)
    counts["stamps"] = stamp(environment, has_time)
    logger.info("settled", extra=counts)
    return counts

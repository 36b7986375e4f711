"""Fired by the Scheduler: freezes the closing lines of the games that have begun, and values the bets on them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from dbsbm.core.invocation import watched
from dbsbm.environment import current
from dbsbm.settlement.jobs import run_close

logger = logging.getLogger(__name__)

_RESERVE_MS = 15_000


@watched
def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """One run; what is left is for the next one."""
    counts = run_close(event, current(), lambda: context.get_remaining_time_in_millis() > _RESERVE_MS)
    logger.info("closed", extra=counts)
    return counts

"""Fired by the Scheduler: removes what its time is over for."""

from __future__ import annotations

import logging
from typing import Any

from dbsbm.core.invocation import watched
from dbsbm.environment import current
from dbsbm.retention.service import remove_old

logger = logging.getLogger(__name__)

_RESERVE_MS = 10_000


@watched
def handler(_event: object, context: Any) -> dict[str, Any]:
    """One run; returns how many rows were removed, by table."""
    environment = current()
    removed = remove_old(
        environment.database, environment.clock, lambda: context.get_remaining_time_in_millis() > _RESERVE_MS
    )
    logger.info("removed", extra={"rows": removed})
    return {"v": 1, "removed": removed}

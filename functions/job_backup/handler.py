"""Fired by the Scheduler each night: makes a backup. ``{"v": 1, "full": true}`` makes a whole one."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from dbsbm.backup import nightly
from dbsbm.core.invocation import watched
from dbsbm.environment import current

logger = logging.getLogger(__name__)

_RESERVE_MS = 30_000
"""To finish what is on its way to the bucket."""


@watched
def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """One backup, whole in the end or not there at all."""
    manifest = nightly.back_up(
        current(),
        full=event.get("full") is True,
        guild_id=int(event.get("guild") or 0),
        has_time=lambda: context.get_remaining_time_in_millis() > _RESERVE_MS,
    )
    counts = {"backup": manifest.backup, "kind": manifest.kind, "rows": manifest.rows, "bytes": manifest.written}
    logger.info("backed up", extra=counts)
    return {"v": 1, **counts}

"""Fired by the Scheduler after each backup: restores the newest one into a schema of its own and compares the rows.

While it opens them it looks for the day's canary, who had been erased: ``residues`` are the tables that still have
something of it.
"""

from __future__ import annotations

import logging
from typing import Any

from dbsbm.backup import nightly
from dbsbm.core.invocation import watched
from dbsbm.environment import current

logger = logging.getLogger(__name__)

_RESERVE_MS = 60_000


@watched
def handler(_event: object, context: Any) -> dict[str, Any]:
    """One run; what is left is for the next one."""
    checked = nightly.check(current(), lambda: context.get_remaining_time_in_millis() > _RESERVE_MS)
    if checked is None:
        logger.warning("there is no backup to look at")
        return {"v": 1, "backup": None}
    tables = len(checked.manifest.tables)
    counts = {"backup": checked.manifest.backup, "done": checked.done, "tables": tables, "rows": checked.rows}
    search = checked.search
    residues = None if search is None or search.day is None else search.found
    logger.info("checked", extra={**counts, "residues": residues})
    return {"v": 1, **counts, "residues": residues}

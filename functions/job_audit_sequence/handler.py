"""Fired by the Scheduler: takes events into the audit log, publishes it and has it signed."""

from __future__ import annotations

import logging
from typing import Any

from dbsbm.audit import sequencer
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.invocation import watched
from dbsbm.environment import current

logger = logging.getLogger(__name__)

_RESERVE_MS = 30_000


@watched
def handler(_event: object, context: Any) -> dict[str, Any]:
    """One run; what is left is for the next one."""
    environment = current()
    log = sequencer.Log(
        database=environment.database,
        clock=environment.clock,
        bucket=Bucket(Aws(environment.transport, environment.account()), environment.settings.audit_bucket),
        origin=environment.settings.audit_origin,
        invoke=environment.invoke,
    )
    counts = sequencer.run(log, lambda: context.get_remaining_time_in_millis() > _RESERVE_MS)
    logger.info("sequenced", extra=counts)
    return {"v": 1, **counts}

"""Fired by the Scheduler: takes events into the audit log, publishes it and has it signed; notes versions of flags."""

from __future__ import annotations

import logging
from typing import Any

from dbsbm.audit import sequencer
from dbsbm.audit.flag_versions import note_versions
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.flag_store import FlagStore
from dbsbm.core.invocation import watched
from dbsbm.environment import current

logger = logging.getLogger(__name__)

_RESERVE_MS = 30_000


@watched
def handler(_event: object, context: Any) -> dict[str, Any]:
    """One run; what is left is for the next one."""
    environment = current()
    aws, settings = Aws(environment.transport, environment.account()), environment.settings
    log = sequencer.Log(
        database=environment.database,
        clock=environment.clock,
        bucket=Bucket(aws, settings.audit_bucket),
        origin=settings.audit_origin,
        invoke=environment.invoke,
    )
    counts = sequencer.run(log, lambda: context.get_remaining_time_in_millis() > _RESERVE_MS)
    logger.info("sequenced", extra=counts)
    if settings.flags_bucket:  # after the log, which does without: these events are the next run's
        note_versions(environment.database, FlagStore(Bucket(aws, settings.flags_bucket)))
    return {"v": 1, **counts}

"""Fired by the Scheduler once a week: goes through the audit log and says where the first fault is."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from dbsbm.audit import check
from dbsbm.audit.log.repository import LogRepository
from dbsbm.audit.stored import StoredLog
from dbsbm.core import metrics
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.invocation import watched
from dbsbm.database.session import Session
from dbsbm.environment import current

logger = logging.getLogger(__name__)

_RESERVE_MS = 30_000


@watched
def handler(_event: object, context: Any) -> dict[str, Any]:
    """One run; where the time is not enough, the next one goes on."""
    environment = current()
    aws, settings = Aws(environment.transport, environment.account()), environment.settings
    store = StoredLog(
        environment.database,
        Bucket(aws, settings.audit_bucket),
        Bucket(aws, settings.checkpoint_bucket),
        settings.audit_origin,
        environment.clock.now(),
    )
    with environment.database.read() as session:
        progress = LogRepository(session).progress()
    first = progress.checked if progress.checked < progress.size else 0
    came, fault = check.check(
        store, settings.audit_origin, first, lambda: context.get_remaining_time_in_millis() > _RESERVE_MS
    )
    if fault is not None:
        metrics.record(metrics.AUDIT_FAULTS, what="check")
        logger.error("leaf %s, %s: %s", fault.leaf, fault.where, fault.detail)
        return {"v": 1, "checked": came, "leaf": fault.leaf, "where": fault.where, "detail": fault.detail}
    environment.database.run(partial(_came, size=came))
    logger.info("checked", extra={"first": first, "size": came})
    return {"v": 1, "checked": came}


def _came(session: Session, size: int) -> None:
    repository = LogRepository(session)
    repository.lock()
    repository.checked(size)

"""Fired by the Scheduler twice a day: goes through the audit log and says where the first fault is.

A round begins at the first leaf and ends with what was signed; where one run is not enough, the next goes on.
"""

from __future__ import annotations

import logging
from datetime import datetime
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

_RESERVE_MS = 180_000
"""For the last tile and, at the end of a round, thousands of checkpoints."""


@watched
def handler(_event: object, context: Any) -> dict[str, Any]:
    """One run: from where the last one stopped, or a round anew."""
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
        under_way = LogRepository(session).round()
    first = under_way.following if under_way.following < store.size() else 0  # a database that was restored is shorter
    began_at = under_way.began_at if first and under_way.began_at else environment.clock.now()
    checked = check.check(
        store, settings.audit_origin, first, lambda: context.get_remaining_time_in_millis() > _RESERVE_MS
    )
    came, fault = checked.came, checked.fault
    if fault is not None:
        metrics.record(metrics.AUDIT_FAULTS, what="check")
        logger.error("leaf %s, %s: %s", fault.leaf, fault.where, fault.detail)
        return {"v": 1, "checked": came, "leaf": fault.leaf, "where": fault.where, "detail": fault.detail}
    environment.database.run(partial(_came, checked=checked, began_at=began_at))
    logger.info("checked", extra={"first": first, "size": came, "whole": checked.whole})
    return {"v": 1, "checked": came}


def _came(session: Session, checked: check.Checked, began_at: datetime) -> None:
    repository = LogRepository(session)
    repository.lock()
    if checked.whole:
        repository.round_done(checked.came, began_at)
    else:
        repository.round_goes_on(checked.came, began_at)

"""Nudged with ``{"v": 1, "target_keys": […]}`` after a commit, or by the Scheduler to sweep all that is due."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from dbsbm.commands import export_errand, import_errands, trial_slip
from dbsbm.core import metrics
from dbsbm.core.invocation import watched
from dbsbm.delivery.assembly import delivery_of
from dbsbm.environment import current

logger = logging.getLogger(__name__)

_RESERVE_MS = 15_000
"""No attempt starts with less time left: a post, its webhook and the record must still fit."""


@watched
def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Deliver; returns how many rows ended in each state, e.g. ``{"v": 1, "counts": {"sent": 3}}``."""
    environment = current()
    makers = (import_errands.errands, export_errand.errands, trial_slip.errands)
    errands = {kind: errand for maker in makers for kind, errand in maker(environment).items()}
    delivery = delivery_of(environment, context.aws_request_id, errands=errands)
    try:
        counts = delivery.run(
            event.get("target_keys"), has_time=lambda: context.get_remaining_time_in_millis() > _RESERVE_MS
        )
    finally:  # what was done before a fault was done
        for state, rows in delivery.counts.items():
            metrics.record(metrics.DELIVERY, rows, state=state)
    logger.info("delivered", extra={"counts": counts, "swept": "target_keys" not in event})
    return {"v": 1, "counts": counts}

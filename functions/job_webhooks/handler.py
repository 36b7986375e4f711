"""Nudged after a commit that wrote something to tell, and swept each minute: tells the communities' own systems."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from dbsbm.commands.webhook import parked_notice
from dbsbm.core.errors import DbsbmError
from dbsbm.core.invocation import watched
from dbsbm.dispatch.attempt import Way
from dbsbm.dispatch.dispatch import Dispatch
from dbsbm.environment import current
from dbsbm.webhooks.addresses import system_resolve

logger = logging.getLogger(__name__)

_RESERVE_MS = 15_000
"""No attempt starts with less time left: its time limit and the record must still fit."""
_NUDGE_TIMEOUT_S = 0.5


@watched
def handler(_event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Tell what is due; returns the attempts by what became of them."""
    environment = current()
    settings = environment.settings
    loopback = settings.webhook_loopback and settings.dbsbm_stage == "local"
    way = Way(environment.transport, system_resolve, environment.clock, loopback)
    dispatch = Dispatch(environment, way, parked_notice, context.aws_request_id)
    counts = dispatch.run(lambda: context.get_remaining_time_in_millis() > _RESERVE_MS)
    if dispatch.posts:
        try:
            nudge = {"v": 1, "target_keys": dispatch.posts}
            environment.invoke("delivery", nudge, asynchronous=True, timeout_s=_NUDGE_TIMEOUT_S)
        except DbsbmError as error:
            logger.warning("delivery was not nudged: %s", error.code)
    return {"v": 1, "counts": counts}

"""Fired by the Scheduler each hour: looks after controls, findings, workflows and reports."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from dbsbm.commands.guard_round import Guard
from dbsbm.commands.guarding import look_after
from dbsbm.compliance.watched import places_of
from dbsbm.core.invocation import watched
from dbsbm.environment import current

logger = logging.getLogger(__name__)

_RESERVE_MS = 150_000
"""More than one step of a workflow may take, with a look at what it left behind where it did not work."""


@watched
def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """One run; what is left is for the next one."""
    environment = current()
    guard = Guard(
        environment=environment,
        places=places_of(environment.settings),
        has_time=lambda: context.get_remaining_time_in_millis() > _RESERVE_MS,
    )
    done = look_after(guard, event)
    logger.info("guarded", extra={key: value for key, value in done.items() if key != "v"})
    return done

"""Fired by the Scheduler: removes what its time is over for. ``{"v": 1, "hold": {…}}`` keeps a community from it.

A hold is ``{"guild": "…", "case": "…", "by": "…"}``; with ``"release": true`` it ends.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.invocation import watched
from dbsbm.environment import Environment, current
from dbsbm.retention.repository import HoldRepository
from dbsbm.retention.service import Retention

logger = logging.getLogger(__name__)

_RESERVE_MS = 25_000
"""More than an archive takes that S3 is slow to take and to give back."""


@watched
def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """One run; returns how many rows were removed, by table."""
    environment = current()
    if "hold" in event:
        return {"v": 1, "changed": _hold(environment, event["hold"])}
    bucket = Bucket(Aws(environment.transport, environment.account()), environment.settings.archive_bucket)
    run = Retention(
        environment.database,
        environment.clock,
        lambda: context.get_remaining_time_in_millis() > _RESERVE_MS,
        bucket,
    )
    removed = run.run()
    logger.info("removed", extra={"rows": removed})
    return {"v": 1, "removed": removed}


def _hold(environment: Environment, said: Mapping[str, Any]) -> int:
    now, case = environment.clock.now(), str(said["case"])

    def changed(session: Any) -> int:
        holds = HoldRepository(session, int(said["guild"]))
        if said.get("release") is True:
            return holds.release(case, now)
        holds.place(case, str(said["by"]), now)
        return 1

    return environment.database.run(changed)

"""Fired by the Scheduler: goes on with erasures. ``{"v": 1, "replay": true}`` does them again after a restore.

Each day it erases a canary and searches for it, in the stage ``local`` only when told so: ``{"v": 1, "canary": true}``.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from dbsbm.commands.canary import turn
from dbsbm.commands.erasing import Erasing, erase_due
from dbsbm.commands.restoring import replay
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.invocation import watched
from dbsbm.core.settings import Settings
from dbsbm.environment import current
from dbsbm.keys.ring import Shredder
from dbsbm.privacy.erasure.ledger import Ledger

logger = logging.getLogger(__name__)

_RESERVE_MS = 40_000
"""More than the longest statement may take."""


@watched
def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """One run; what is left is for the next one."""
    environment = current()
    aws = Aws(environment.transport, environment.account())
    erasures = Bucket(aws, environment.settings.erasure_bucket)
    keyring = Bucket(aws, environment.settings.keyring_bucket)
    run = Erasing(
        environment=environment,
        ledger=Ledger(erasures),
        shredder=Shredder(keyring),
        has_time=lambda: context.get_remaining_time_in_millis() > _RESERVE_MS,
    )
    replayed = _replayed(run) if event.get("replay") is True else 0
    found = None
    try:
        finished = erase_due(run)
    finally:  # neither keeps the other waiting
        if environment.settings.dbsbm_stage != "local" or event.get("canary") is True:
            others = ((name, Bucket(aws, bucket)) for name, bucket in _searched(environment.settings).items())
            found = turn(run, (("erasures", erasures), ("keyring", keyring), *others))
    logger.info("erased", extra={"people": finished, "replayed": replayed, "residues": found})
    return {"v": 1, "erased": finished, "replayed": replayed, "residues": found}


def _replayed(run: Erasing) -> int:
    came = replay(run)
    for request in came.held:
        logger.warning("held", extra={"request": str(request.request_id), "begins_at": request.begins_at.isoformat()})
    if came.gap is not None:
        raise came.gap
    return len(came.named)


def _searched(settings: Settings) -> dict[str, str]:
    """Where something of a person might have been put beside the two that erasures themselves need."""
    return {
        "exports": settings.export_bucket,
        "archive": settings.archive_bucket,
        "audit": settings.audit_bucket,
        "questions": settings.questions_bucket,
        "evidence": settings.evidence_bucket,
        "checkpoints": settings.checkpoint_bucket,
    }

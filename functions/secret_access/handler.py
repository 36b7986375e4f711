"""Invoked by EventBridge with CloudTrail's events: notes who read which secret, and counts whoever should not."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from dbsbm.core import metrics
from dbsbm.core.invocation import watched
from dbsbm.environment import current
from dbsbm.rotation.reads import FAILED, READ, Event, Readers

logger = logging.getLogger(__name__)


@watched
def handler(event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
    """One line for each read; what it said of it."""
    settings = current().settings
    seen = Event.of(event.get("detail") or {})
    readers = Readers.parse(settings.secret_readers, settings.dbsbm_function_prefix)
    told = readers.told(seen)
    if seen.name in FAILED:
        metrics.record(metrics.ROTATIONS_FAILED)
        logger.error("a rotation failed", extra=told)
        return {"v": 1, "expected": False}
    if seen.name not in READ:
        return {"v": 1, "expected": True}
    expected = readers.expected(seen)
    metrics.record(metrics.SECRET_READS, who="expected" if expected else "unexpected")
    if expected:
        logger.info("a secret was read", extra=told)
    else:
        logger.error("a secret was read by somebody else", extra={**told, "was_let": not seen.error})
    return {"v": 1, "expected": expected}

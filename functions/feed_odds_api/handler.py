"""Fired by the Scheduler, or by hand with ``{"v": 1, "leagues": ["nfl"]}`` to fetch these at once, due or not."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from dbsbm.core import metrics
from dbsbm.core.invocation import watched
from dbsbm.environment import current
from dbsbm.providers.feed import feed_of

logger = logging.getLogger(__name__)


@watched
def handler(event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
    """One run of the feed; returns its counts."""
    environment = current()
    if (why := environment.flags.current().off("the_odds_api")) is not None:
        return {"v": 1, "disabled": f"switched off by an operator: {why}"}
    done = feed_of(environment).run(event.get("leagues"))
    counts = done.to_json()
    if done.quota is not None and done.quota.remaining is not None:
        metrics.record(metrics.FEED_CREDITS, done.quota.remaining)
    if done.failures:
        metrics.record(metrics.FEED_FAILURES, len(done.failures))
    if done.failures or done.problems:
        logger.error("the feed had failures", extra=counts)
    else:
        logger.info("fed", extra=counts)
    return counts

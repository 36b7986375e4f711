"""Fired by the Scheduler, or by hand with ``{"v": 1, "leagues": ["nfl"]}`` to fetch these at once, due or not."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from dbsbm.core import metrics
from dbsbm.core.invocation import watched
from dbsbm.environment import current
from dbsbm.providers.api_sports_feed import api_sports_boxes, api_sports_calendar, api_sports_feed

logger = logging.getLogger(__name__)


@watched
def handler(event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
    """One run of the feed; returns its counts."""
    environment = current()
    if not environment.settings.api_sports_base_url:
        return {"v": 1, "disabled": "API_SPORTS_BASE_URL is empty"}
    if (why := environment.flags.current().off("api_sports")) is not None:
        return {"v": 1, "disabled": f"switched off by an operator: {why}"}
    calendar = api_sports_calendar(environment).run(event.get("leagues")).to_json()
    counts = api_sports_feed(environment).run(event.get("leagues")).to_json()
    counts["boxes"] = api_sports_boxes(environment).run(event.get("leagues")).to_json()
    counts["calendar"] = calendar
    failures = [*calendar["failures"], *counts["failures"], *counts["boxes"]["failures"]]
    if failures:
        metrics.record(metrics.FEED_FAILURES, len(failures))
    if failures or counts["problems"]:
        logger.error("API-Sports had failures", extra=counts)
    else:
        logger.info("scores fetched", extra=counts)
    return counts

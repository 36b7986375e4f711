"""Fired by the Scheduler: forecasts for the outdoor games that start within the plan's days."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from dbsbm.core import metrics
from dbsbm.core.invocation import watched
from dbsbm.environment import current
from dbsbm.providers.weather_feed import weather_feed

logger = logging.getLogger(__name__)


@watched
def handler(_event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
    """One run of the feed; returns its counts."""
    environment = current()
    if not environment.settings.weather_api_base_url:
        return {"v": 1, "disabled": "WEATHER_API_BASE_URL is empty"}
    if (why := environment.flags.current().off("weather_api")) is not None:
        return {"v": 1, "disabled": f"switched off by an operator: {why}"}
    counts = weather_feed(environment).run().to_json()
    if counts["failures"]:
        metrics.record(metrics.FEED_FAILURES, len(counts["failures"]))
    if counts["failures"]:
        logger.error("the weather feed had failures", extra=counts)
    else:
        logger.info("forecasts fetched", extra=counts)
    return counts

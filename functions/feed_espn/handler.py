"""Fired by the Scheduler, or by hand.

``{"v": 1, "leagues": ["nfl"]}`` fetches these at once, due or not; ``{"v": 1, "unmatched": true}`` lists the events
that are no game of ours and the players of open bets that no box score names. ``{"v": 1, "match": {"event": "401",
"game": 123, "swapped": false, "by": "olga"}}`` says which game one is, ``{"v": 1, "name_player": {"provider": "espn",
"league": "nfl", "player": "Ours", "name": "Theirs", "by": "olga"}}`` what a source calls a player.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from dbsbm.core import metrics
from dbsbm.core.invocation import watched
from dbsbm.environment import current
from dbsbm.providers.espn_feed import espn_boxes, espn_feed
from dbsbm.providers.matching import assign, name_player, unmatched

logger = logging.getLogger(__name__)


@watched
def handler(event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
    """One run of the feed, or what a person asked; returns counts or the list."""
    environment = current()
    if event.get("unmatched"):
        return unmatched(environment)
    if "match" in event:
        return assign(environment, "espn", event["match"])
    if "name_player" in event:
        return name_player(environment, event["name_player"])
    if not environment.settings.espn_base_url:
        return {"v": 1, "disabled": "ESPN_BASE_URL is empty"}
    if (why := environment.flags.current().off("espn")) is not None:
        return {"v": 1, "disabled": f"switched off by an operator: {why}"}
    counts = espn_feed(environment).run(event.get("leagues")).to_json()
    counts["boxes"] = espn_boxes(environment).run(event.get("leagues")).to_json()
    failures = [*counts["failures"], *counts["boxes"]["failures"]]
    if failures:
        metrics.record(metrics.FEED_FAILURES, len(failures))
    if failures or counts["problems"]:
        logger.error("the second source had failures", extra=counts)
    else:
        logger.info("scores fetched", extra=counts)
    return counts

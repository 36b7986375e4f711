"""Fired by the Scheduler each minute: an interaction of our own, and whether Discord still points at us."""

from __future__ import annotations

from typing import Any

from dbsbm.commands.words.catalogue import Words
from dbsbm.core.invocation import watched
from dbsbm.environment import current
from dbsbm.health.canary import watch


@watched
def handler(_event: object, _context: object) -> dict[str, Any]:
    """One flight; what failed is counted, and alarms are the metrics' business."""
    words = Words()
    begins = {words("tier.everything_free"), words("tier.title", tier=words.plain("tier.name.free"))}
    flight = watch(environment := current(), lambda text: text.startswith(tuple(begins)))
    return {"v": 1, "failed": flight.failed, "set_up": bool(environment.settings.canary_guild_id)}

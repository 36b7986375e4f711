"""Schedule, odds, scores, weather."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dbsbm.commands import odds, runner, schedule, scores, weather
from dbsbm.core.invocation import watched
from dbsbm.environment import current

COMMANDS = (schedule, odds, scores, weather)


@watched
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer one interaction."""
    return runner.run(event, current())

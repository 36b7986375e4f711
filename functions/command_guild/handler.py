"""Set-up and cappers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dbsbm.commands import (
    capper,
    notify,
    profile,
    routes,
    runner,
    scheduled,
    settings,
    setup,
    tier,
    webhook,
)
from dbsbm.core.invocation import watched
from dbsbm.environment import current

COMMANDS = (
    setup,
    capper,
    routes,
    notify,
    settings,
    profile,
    tier,
    webhook,
    scheduled,
)


@watched
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer one interaction."""
    return runner.run(event, current())

"""Records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dbsbm.commands import (
    compliance,
    compliance_steps,
    export,
    imports,
    leaderboard,
    privacy,
    report,
    reveals,
    runner,
    stats,
    verify,
    workflow_list,
)
from dbsbm.core.invocation import watched
from dbsbm.environment import current

COMMANDS = (
    stats,
    leaderboard,
    export,
    imports,
    privacy,
    verify,
    compliance,
    compliance_steps,
    report,
    reveals,
    workflow_list,
)


@watched
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer one interaction."""
    return runner.run(event, current())

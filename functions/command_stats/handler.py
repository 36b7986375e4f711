"""Records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dbsbm.commands import export, imports, leaderboard, privacy, runner, stats, verify
from dbsbm.core.invocation import watched
from dbsbm.environment import current

COMMANDS = (stats, leaderboard, export, imports, privacy, verify)


@watched
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer one interaction."""
    return runner.run(event, current())

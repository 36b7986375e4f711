"""Bets, drafts, grades."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dbsbm.commands import bet, details, draft, grade, runner
from dbsbm.environment import current

COMMANDS = (bet, draft, details, grade)


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer one interaction."""
    return runner.run(event, current())

"""Bets, drafts, grades."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dbsbm.commands import (
    again,
    bet,
    bet_lists,
    cases,
    details,
    draft,
    drafts,
    finish,
    future,
    grade,
    grade_one,
    manual,
    more,
    panel,
    prop,
    regrade,
    runner,
    slip_link,
    tail,
    tickets,
    ungraded,
)
from dbsbm.core.invocation import watched
from dbsbm.environment import current

COMMANDS = (
    bet,
    again,
    draft,
    details,
    grade,
    prop,
    tickets,
    manual,
    drafts,
    panel,
    ungraded,
    tail,
    bet_lists,
    more,
    slip_link,
    regrade,
    cases,
    finish,
    future,
    grade_one,
)


@watched
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer one interaction."""
    return runner.run(event, current())

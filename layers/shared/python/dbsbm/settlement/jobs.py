"""What the scheduled functions do: close games and value bets, each bounded by the time it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from dbsbm.core.clock import Clock
from dbsbm.environment import Environment
from dbsbm.settlement.closing import close_started
from dbsbm.settlement.valuing import value_closed

GAMES_PER_RUN = 400


def scheduled_at(event: Mapping[str, Any], clock: Clock) -> datetime:
    """The Scheduler's own time of a firing, which a repeated one has again; now when there is none."""
    time = event.get("time")
    return datetime.fromisoformat(time) if isinstance(time, str) else clock.now()


def run_close(event: Mapping[str, Any], environment: Environment, has_time: Callable[[], bool]) -> dict[str, Any]:
    """Close what has started by the scheduled time and value the bets on it; returns the counts."""
    at = scheduled_at(event, environment.clock)
    closed = close_started(environment.database, at, GAMES_PER_RUN)
    legs = value_closed(environment.database, at, has_time)
    return {"v": 1, "games": closed.games, "lines": closed.lines, "legs": legs}

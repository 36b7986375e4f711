"""What the scheduled functions do: close games and value bets, settle what is over; each bounded by the time it has."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from dbsbm.core.clock import Clock
from dbsbm.core.errors import DbsbmError
from dbsbm.environment import Environment
from dbsbm.settlement.applying import GAMES_FOR_ONE, Run, notice, settle_noticed
from dbsbm.settlement.closing import close_started
from dbsbm.settlement.results.repository import ResultRepository
from dbsbm.settlement.valuing import value_closed

logger = logging.getLogger(__name__)

GAMES_PER_RUN = 400
LOOKS = (timedelta(minutes=30), timedelta(hours=24), timedelta(hours=72))
"""When a final score is asked for again, after it was first seen: providers correct them."""
SCORE_FEEDS = ("feed_odds_api", "feed_espn", "feed_api_sports")
_INVOKE_S = 1.0


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


def run_settle(event: Mapping[str, Any], environment: Environment, has_time: Callable[[], bool]) -> dict[str, Any]:
    """Take results to the bets on them, and have those asked for again whose time has come; returns the counts.

    More games than one run takes by itself are settled by two runs side by side: this one has another one begun.
    """
    at = scheduled_at(event, environment.clock)
    if notice(environment.database, at) > GAMES_FOR_ONE:
        _ask(environment, "job_settle", {"v": 1, "beside": at.isoformat()})
    return _settled(environment, at, has_time) | {"looked": _look_again(environment, at)}


def run_beside(event: Mapping[str, Any], environment: Environment, has_time: Callable[[], bool]) -> dict[str, Any]:
    """Settle what a scheduled run noticed, beside it; returns the counts."""
    return _settled(environment, datetime.fromisoformat(event["beside"]), has_time)


def _settled(environment: Environment, at: datetime, has_time: Callable[[], bool]) -> dict[str, Any]:
    decided_by = int(environment.settings.discord_application_id or 0)
    done = settle_noticed(environment.database, Run(at, decided_by, environment.ids), has_time)
    return {"v": 1, "games": done.games, "bets": done.bets, "graded": done.graded, "corrected": done.corrected}


def _look_again(environment: Environment, at: datetime) -> list[str]:
    """Have the feeds fetch the leagues of games whose mark is due. A call that is lost is found by the feeds' own plan,
    which asks for final scores every few hours for three days.
    """
    with environment.database.read() as session:
        due = ResultRepository(session).to_look_at(at, LOOKS)
    if not due:
        return []
    environment.database.run(lambda session: ResultRepository(session).looked([row["game_id"] for row in due]))
    leagues = sorted({row["league"] for row in due})
    for feed in SCORE_FEEDS:
        _ask(environment, feed, {"v": 1, "leagues": leagues})
    return leagues


def _ask(environment: Environment, function: str, payload: dict[str, Any]) -> None:
    """Have another function begin. What is lost here the next run does."""
    try:
        environment.invoke(function, payload, asynchronous=True, timeout_s=_INVOKE_S)
    except DbsbmError as error:
        logger.warning("%s was not asked to begin: %s", function, error.code)

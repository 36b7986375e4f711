"""What a person asks of the events that are no game of ours, and says of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from dbsbm.core.errors import InputError
from dbsbm.environment import Environment
from dbsbm.games.sources.identity import Match
from dbsbm.games.sources.repository import SourceRepository

_STILL_LISTED = timedelta(days=3)
_LIMIT = 200


def unmatched(environment: Environment) -> dict[str, Any]:
    """The events of the last three days that nobody has matched."""
    since = environment.clock.now() - _STILL_LISTED
    with environment.database.read() as session:
        rows = SourceRepository(session).unmatched(since, _LIMIT)
    return {
        "v": 1,
        "unmatched": [
            {
                "provider": row.provider,
                "event": row.provider_game_id,
                "league": row.league,
                "teams": f"{row.away} @ {row.home}",
                "starts_at": row.starts_at.isoformat(),
                "reason": row.reason,
            }
            for row in rows
        ],
    }


def assign(environment: Environment, provider: str, order: Mapping[str, Any]) -> dict[str, Any]:
    """Say which game an event is; the next document brings its score.

    Raises
    ------
    InputError
        When the order is not ``{"event", "game", "swapped", "by"}``.
    NotFoundError
        When there is no such event or game.
    """
    try:
        match = Match(int(order["game"]), bool(order.get("swapped", False)))
        event, by = str(order["event"]), str(order["by"])
    except (KeyError, TypeError, ValueError) as error:
        raise InputError("match", repr(dict(order))[:200], "needs event, game and by") from error
    with environment.database.transaction() as session:
        SourceRepository(session).assign(provider, event, match, by)
    return {"v": 1, "event": event, "game": match.game_id}

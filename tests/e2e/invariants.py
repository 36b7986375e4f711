"""What holds once everything has settled, whatever went wrong on the way."""

from __future__ import annotations

from collections.abc import Sequence

from local.discord_simulator.state import LOADING
from tests.e2e.world import World

_DEFERRED_MESSAGE, _DEFERRED_UPDATE = 5, 6


def left_open(world: World) -> Sequence[tuple[str, str]]:
    """Rows of the outbox that came to nothing or still may, with their states.

    One kind of row may expire: what belongs to an interaction whose answer never reached Discord. Its token opens
    nothing, the person was told that it failed, and its message stands as it was.
    """
    exchanges = world.simulator.state.exchanges
    failed = {str(exchange.id) for exchange in exchanges.values() if exchange.status == "failed"}
    rows = world.rows("SELECT id, state FROM outbox WHERE state NOT IN ('sent', 'overtaken')")
    return tuple(
        (row["id"], row["state"])
        for row in rows
        if not (row["state"] == "expired" and row["id"].partition(":")[0] in failed)
    )


def answered_deferrals(world: World) -> bool:
    """Whether each person who was told to wait has read something since."""
    written = {row["id"] for row in world.rows("SELECT id FROM outbox WHERE state = 'sent' AND id LIKE '%%:reply'")}
    for exchange in world.simulator.state.exchanges.values():
        if exchange.callback_type == _DEFERRED_MESSAGE:
            message = world.simulator.state.message(exchange.original_message_id or 0)
            if message is None or message.flags & LOADING:
                return False
        if exchange.callback_type == _DEFERRED_UPDATE and f"{exchange.id}:reply" not in written:
            return False
    return True

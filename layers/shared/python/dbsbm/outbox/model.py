"""What stands in the outbox: desired states and where their targets are now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class RowState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    """Handed to Discord; found so later it is in doubt."""
    SENT = "sent"
    OVERTAKEN = "overtaken"
    """A later row of the same target says more."""
    EXPIRED = "expired"
    """Its interaction's token was forgotten by Discord before it could be sent."""
    DEAD = "dead"
    """Discord refuses it for good; ``last_error`` says why."""
    UNKNOWN = "unknown"
    """In doubt, and it cannot be decided whether Discord has it. For the operator."""
    DROPPED = "dropped"
    """Was dead or unknown and the operator gave it up; or a direct message to somebody who takes none."""


OPEN = (RowState.PENDING, RowState.SENDING)
POSTS = frozenset({"slip.post", "message.post", "direct.post", "channel.create"})
"""What makes something in Discord: repeated blindly, it would be there twice."""
CHANGES = frozenset({"message.edit", "channel.rename"})
"""What needs the thing that an earlier row of the same target made."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One desired state. ``target`` holds a sealed token where there is one."""

    id: str
    guild_id: int
    kind: str
    target_key: str
    seq: int
    target: dict[str, Any]
    data: dict[str, Any]
    images: Sequence[dict[str, Any]]
    state: RowState
    attempts: int
    next_attempt_at: datetime
    expires_at: datetime | None
    created_at: datetime
    sending_at: datetime | None
    traceparent: str | None = None
    """The span that wrote it (W3C Trace Context)."""

    @property
    def in_doubt(self) -> bool:
        """Whether an earlier attempt may have made something that repeating would make twice."""
        return self.state == RowState.SENDING and self.makes_something

    @property
    def makes_something(self) -> bool:
        return self.kind in POSTS or self.target.get("how") == "followup"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a target's message stands in Discord; ``webhook_id`` is None when the bot itself posted it.

    Of a channel that was made, both ids are its own.
    """

    channel_id: int
    message_id: int
    webhook_id: int | None = None

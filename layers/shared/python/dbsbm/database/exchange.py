"""The words of an exchange: who claims an interaction, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

from dbsbm.database.session import Session

if TYPE_CHECKING:
    from dbsbm.discord.definitions import Post, Result


@dataclass(frozen=True, slots=True)
class Deferred:
    """The front door answered with a deferral (5 message, 6 update): the reply must come through the outbox."""

    application_id: int
    token: str = field(repr=False)
    deferral: Literal[5, 6]
    expires_at: datetime
    """When Discord forgets the interaction's token: 15 minutes after the interaction."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What identifies one interaction. ``guild_id`` is 0 outside a guild."""

    interaction_id: int
    guild_id: int
    user_id: int
    route: str
    deferred: Deferred | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """``reply`` as stored (``Reply.to_json()``); ``first`` is False when another attempt had done the work.

    ``target_keys`` are the outbox targets that still have something pending: nudge delivery with them.
    """

    reply: dict[str, Any]
    first: bool
    target_keys: Sequence[str] = ()


class Refused(Exception):  # noqa: N818 — an outcome, not a fault
    """Raised by the work to store a reply and nothing else: whatever it wrote is rolled back."""

    def __init__(self, result: Result) -> None:
        super().__init__("refused")
        self.result = result


class Outbox(Protocol):
    """What an exchange needs of the outbox (``outbox/repository.py``)."""

    def enqueue(
        self, session: Session, cause_id: str, guild_id: int, posts: Sequence[Post], now: datetime
    ) -> Sequence[str]:
        """Write the posts as rows ``<cause>:<n>`` once; returns their target keys."""
        ...

    def enqueue_reply(self, session: Session, claim: Claim, reply: dict[str, Any], now: datetime) -> Sequence[str]:
        """Write the reply to a deferred interaction as row ``<interaction id>:reply`` once."""
        ...

    def pending_of(self, session: Session, cause_id: str) -> Sequence[str]:
        """Target keys of the rows of a cause that are not sent yet."""
        ...

"""What an error of Discord means for the row that met it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from dbsbm.core.errors import DbsbmError, DiscordError, DiscordUnavailableError
from dbsbm.discord.rest import DiscordInDoubtError
from dbsbm.outbox.model import OutboxRow, RowState
from dbsbm.resilience.recovery import DISCORD_AWAY

UNKNOWN_CHANNEL = 10003
UNKNOWN_GUILD = 10004
UNKNOWN_MESSAGE = 10008
UNKNOWN_WEBHOOK = 10015
UNKNOWN_INTERACTION = 10062
INVALID_WEBHOOK_TOKEN = 50027
UNKNOWN_USER = 10013
MISSING_ACCESS = 50001
CLOSED_TO_MESSAGES = 50007
MISSING_PERMISSIONS = 50013
NO_SHARED_GUILD = 50278

UNREACHABLE = frozenset({UNKNOWN_CHANNEL, UNKNOWN_GUILD, MISSING_ACCESS, MISSING_PERMISSIONS})
GUILD_DOUBT = frozenset({UNKNOWN_GUILD, MISSING_ACCESS, UNKNOWN_WEBHOOK})
"""What a guild that removed us answers with. A lost channel or webhook can look the same: the guild is looked for."""
LOST_WEBHOOK = frozenset({UNKNOWN_WEBHOOK, INVALID_WEBHOOK_TOKEN})
CLOSED = frozenset({UNKNOWN_USER, CLOSED_TO_MESSAGES, NO_SHARED_GUILD})
"""A person whom no direct message reaches: that is their affair, and nobody has to look at it."""
_PERSONAL = frozenset({"reply.edit", "direct.post"})
_NOT_YET = frozenset({UNKNOWN_WEBHOOK, UNKNOWN_INTERACTION, UNKNOWN_MESSAGE})
"""On an interaction's own message: Discord has not yet read our deferral (discord-api-docs issue 7220)."""

TOO_MANY_OLD_EDITS = 30046
"""Edits of messages older than an hour draw on a budget of their own, some three in 20 s per channel."""

GIVE_UP_AFTER = timedelta(seconds=DISCORD_AWAY.give_up_s)
_NOT_YET_S = 1.0
_UNAUTHORIZED_S = 300.0
_OLD_EDITS_S = 30.0


class UnsendableError(DbsbmError):
    """No attempt can ever succeed; ``detail`` says why."""

    code = "unsendable"


class LostWebhookError(UnsendableError):
    """The webhook that posted a message is gone, so the message cannot be changed any more."""

    code = "lost_webhook"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The row's next state; ``at`` when it is tried again, ``unreachable_code`` when its channel is to be marked."""

    state: RowState
    reason: str
    at: datetime | None = None
    unreachable_code: int | None = None
    guild_code: int | None = None
    """Discord's code when we may not be in the guild any more."""


def verdict(error: DiscordError, row: OutboxRow, now: datetime, random: Random) -> Verdict:
    """Judge an error of sending ``row``.

    Waits are those Discord asked for; otherwise exponential with full jitter (2 s doubling to 15 min). After 24 hours
    a row that only met unavailability is given up. 401 is a wrong token of ours: slow retries, since 10,000 invalid
    requests in ten minutes ban the address.
    """
    reason = f"{error.status or 'no answer'} {error.discord_code or ''} {error.detail}".replace("  ", " ")
    if isinstance(error, DiscordUnavailableError):
        state = RowState.SENDING if isinstance(error, DiscordInDoubtError) else RowState.PENDING
        wait_s = error.retry_after_s if error.retry_after_s is not None else DISCORD_AWAY.wait_s(row.attempts, random)
        return _later(row, state, reason, now, wait_s)
    if row.kind == "reply.edit" and error.discord_code in _NOT_YET:
        return _later(row, RowState.PENDING, reason, now, _NOT_YET_S * min(row.attempts + 1, 10))
    if row.kind == "reply.edit" and error.discord_code == INVALID_WEBHOOK_TOKEN:
        return Verdict(RowState.EXPIRED, reason)  # its 15 minutes are over by Discord's clock: nobody can do anything
    if error.discord_code == TOO_MANY_OLD_EDITS:
        return _later(row, RowState.PENDING, reason, now, random.uniform(_OLD_EDITS_S, 2 * _OLD_EDITS_S))
    if error.status == 401 and row.kind != "reply.edit":
        return _later(row, RowState.PENDING, reason, now, _UNAUTHORIZED_S)
    if row.kind == "direct.post" and error.discord_code in CLOSED:
        return Verdict(RowState.DROPPED, reason)
    doubted = error.discord_code if error.discord_code in GUILD_DOUBT and row.kind not in _PERSONAL else None
    if error.discord_code in UNREACHABLE:
        return Verdict(RowState.DEAD, reason, unreachable_code=error.discord_code, guild_code=doubted)
    return Verdict(RowState.DEAD, reason, guild_code=doubted)


def _later(row: OutboxRow, state: RowState, reason: str, now: datetime, wait_s: float) -> Verdict:
    at = now + timedelta(seconds=wait_s)
    if row.expires_at is not None and at >= row.expires_at:
        return Verdict(RowState.EXPIRED, reason)
    if at > row.created_at + GIVE_UP_AFTER:
        given_up = RowState.UNKNOWN if state == RowState.SENDING and row.makes_something else RowState.DEAD
        return Verdict(given_up, f"given up: {reason}")
    return Verdict(state, reason, at=at)

"""Which roles a bot may hand out to members."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

MODERATING = sum(
    1 << bit
    for bit in (
        1,  # Kick Members
        2,  # Ban Members
        3,  # Administrator
        4,  # Manage Channels
        5,  # Manage Server
        7,  # View Audit Log
        13,  # Manage Messages
        17,  # Mention Everyone
        22,  # Mute Members
        23,  # Deafen Members
        24,  # Move Members
        27,  # Manage Nicknames
        28,  # Manage Roles
        29,  # Manage Webhooks
        30,  # Manage Expressions
        33,  # Manage Events
        34,  # Manage Threads
        40,  # Timeout Members
    )
)
"""Rights over other members or the server (Discord, "Bitwise Permission Flags")."""


class Unfit(StrEnum):
    """Why a role is not handed out."""

    EVERYONE = "everyone"
    MANAGED = "managed"
    MODERATING = "moderating"
    TOO_HIGH = "too_high"


def unfit(role: Mapping[str, Any], guild_id: int, below: int | None = None) -> Unfit | None:
    """Why ``role``, as Discord describes it, must not be handed out; None when it may be.

    ``below`` is the position of the bot's own highest role, where that is known.
    """
    if int(role["id"]) == guild_id:
        return Unfit.EVERYONE
    if role.get("managed"):
        return Unfit.MANAGED
    if int(role.get("permissions") or 0) & MODERATING:
        return Unfit.MODERATING
    if below is not None and int(role.get("position") or 0) >= below:
        return Unfit.TOO_HIGH
    return None

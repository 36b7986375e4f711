"""What a member is told of by the bot: roles to be pinged by, and direct messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from dbsbm.betting.odds import OddsFormat


class DirectState(StrEnum):
    ON = "on"
    OFF = "off"
    CLOSED = "closed"
    """Discord took no message for the member."""


@dataclass(frozen=True, slots=True)
class DirectMember:
    """How a member wants direct messages. ``timezone`` and ``odds_format`` None: as the server has them.

    Quiet hours are whole hours, from the first until just before the second; None: there are none.
    """

    user_id: int
    state: DirectState = DirectState.OFF
    locale: str = "en-US"
    odds_format: OddsFormat | None = None
    timezone: str | None = None
    quiet_from: int | None = None
    quiet_until: int | None = None


class Refusal(StrEnum):
    """Why a role was not given."""

    DISCORD = "discord"
    """Discord refused: the right to manage roles is missing, or the role is not below the bot's own."""
    EVERYONE = "everyone"
    MANAGED = "managed"
    MODERATING = "moderating"
    TOO_HIGH = "too_high"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class RoleRefusal:
    role_id: int
    reason: Refusal


def quiet_until(member: DirectMember, guild_zone: str, now: datetime) -> datetime | None:
    """When the member's quiet hours end, if it is one of them now."""
    first, last = member.quiet_from, member.quiet_until
    if first is None or last is None or first == last:
        return None
    zone = ZoneInfo(member.timezone or guild_zone)
    local = now.astimezone(zone)
    if not (local.hour - first) % 24 < (last - first) % 24:
        return None
    day = local.date() if local.hour < last else local.date() + timedelta(days=1)
    return datetime.combine(day, time(last), zone).astimezone(now.tzinfo)

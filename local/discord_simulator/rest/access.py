"""What the bot can reach and may do, as errors when it cannot or may not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.discord_simulator import permissions
from local.discord_simulator.errors import known
from local.discord_simulator.permissions import Permission
from local.discord_simulator.state import VOICE, Channel, Guild, Message

if TYPE_CHECKING:
    from local.discord_simulator.simulator import Simulator


def guild(simulator: Simulator, guild_id: int) -> Guild:
    """A guild the bot is in.

    Raises
    ------
    ApiError
        10004 otherwise.
    """
    found = simulator.state.guilds.get(guild_id)
    if found is None or simulator.application_id not in found.members:
        raise known(10004)
    return found


def guild_right(simulator: Simulator, guild_id: int, right: Permission) -> Guild:
    """A guild in which the bot has a permission.

    Raises
    ------
    ApiError
        10004 or 50013.
    """
    found = guild(simulator, guild_id)
    if not permissions.in_guild(found, simulator.application_id) & right:
        raise known(50013)
    return found


def channel(simulator: Simulator, channel_id: int, *rights: Permission) -> Channel:
    """A channel the bot sees and has ``rights`` in.

    Raises
    ------
    ApiError
        10003 when there is none, 50001 when the bot does not see it, 50013 when a right is missing.
    """
    found = simulator.state.channels.get(channel_id)
    if found is None:
        raise known(10003)
    if found.guild_id is None:
        return found
    home = simulator.state.guilds[found.guild_id]
    bits = permissions.in_channel(home, found, simulator.application_id)
    if not bits & Permission.VIEW_CHANNEL:
        raise known(50001)
    if any(not bits & right for right in rights):
        raise known(50013)
    return found


def managed_channel(simulator: Simulator, channel_id: int) -> Channel:
    """A channel the bot may change or remove: of a voice channel it must be allowed to connect as well.

    Raises
    ------
    ApiError
        As :func:`channel`.
    """
    found = channel(simulator, channel_id, Permission.MANAGE_CHANNELS)
    return channel(simulator, channel_id, Permission.CONNECT) if found.type == VOICE else found


def message(found: Channel, message_id: int) -> Message:
    """A message of a channel that anybody may see.

    Raises
    ------
    ApiError
        10008 when it is not there, or private.
    """
    value = found.messages.get(message_id)
    if value is None or value.private_to is not None:
        raise known(10008)
    return value

"""Guilds, members and roles."""

from __future__ import annotations

from typing import Any

from local.discord_simulator import objects
from local.discord_simulator.errors import known
from local.discord_simulator.permissions import Permission
from local.discord_simulator.rest import access
from local.discord_simulator.rest.router import Call, route
from local.discord_simulator.state import Guild, Member, Role

_ROLE = "/guilds/{guild_id}/members/{user_id}/roles/{role_id}"


@route("GET", "/users/@me/guilds")
def my_guilds(call: Call) -> tuple[int, Any]:
    state = call.simulator.state
    mine = [guild for guild in state.guilds.values() if call.simulator.application_id in guild.members]
    return 200, [{"id": str(guild.id), "name": guild.name, "icon": None, "features": []} for guild in mine]


@route("GET", "/guilds/{guild_id}", major=("guild_id",))
def get_guild(call: Call) -> tuple[int, Any]:
    return 200, objects.guild_object(access.guild(call.simulator, call.id("guild_id")))


@route("GET", "/guilds/{guild_id}/channels", major=("guild_id",))
def list_channels(call: Call) -> tuple[int, Any]:
    guild = access.guild(call.simulator, call.id("guild_id"))
    return 200, [objects.channel(channel, call.simulator) for channel in call.simulator.state.guild_channels(guild.id)]


@route("GET", "/guilds/{guild_id}/roles", major=("guild_id",))
def list_roles(call: Call) -> tuple[int, Any]:
    guild = access.guild(call.simulator, call.id("guild_id"))
    return 200, [objects.role(role) for role in guild.roles.values()]


@route("GET", "/guilds/{guild_id}/members/{user_id}", major=("guild_id",))
def get_member(call: Call) -> tuple[int, Any]:
    guild = access.guild(call.simulator, call.id("guild_id"))
    return 200, objects.member(call.simulator, _member(call, guild))


@route("PUT", _ROLE, major=("guild_id",))
def add_role(call: Call) -> tuple[int, Any]:
    member, role = _member_and_role(call)
    if role.id not in member.role_ids:
        member.role_ids.append(role.id)
        call.simulator.changed("guild", guild_id=call.id("guild_id"))
    return 204, None


@route("DELETE", _ROLE, major=("guild_id",))
def remove_role(call: Call) -> tuple[int, Any]:
    member, role = _member_and_role(call)
    if role.id in member.role_ids:
        member.role_ids.remove(role.id)
        call.simulator.changed("guild", guild_id=call.id("guild_id"))
    return 204, None


def _member(call: Call, guild: Guild) -> Member:
    member = guild.members.get(call.id("user_id"))
    if member is None:
        raise known(10007)
    return member


def _member_and_role(call: Call) -> tuple[Member, Role]:
    """Who and what; a bot gives only unmanaged roles below its own highest one.

    Raises
    ------
    ApiError
        10004, 10007, 10011 or 50013.
    """
    guild = access.guild_right(call.simulator, call.id("guild_id"), Permission.MANAGE_ROLES)
    member = _member(call, guild)
    role = guild.roles.get(call.id("role_id"))
    if role is None:
        raise known(10011)
    mine = guild.members[call.simulator.application_id].role_ids
    highest = max((guild.roles[role_id].position for role_id in mine), default=0)
    if role.managed or role.id == guild.id or role.position >= highest:
        raise known(50013)
    return member, role

"""What a member may do in a channel (Discord, "Permission Overwrites")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

ADMINISTRATOR = 1 << 3
VIEW = 1 << 10
ALL = (1 << 53) - 1


def in_channel(
    guild_id: int, roles: Sequence[Mapping[str, Any]], member: Mapping[str, Any], channel: Mapping[str, Any]
) -> int:
    """The member's permissions: of the roles, then overwrites for everybody, for the roles together, for the member.

    0 for somebody who cannot see the channel.
    """
    held = {guild_id, *(int(role_id) for role_id in member.get("roles") or ())}
    bits = 0
    for role in roles:
        bits |= int(role["permissions"]) if int(role["id"]) in held else 0
    if bits & ADMINISTRATOR:
        return ALL
    own = int(member["user"]["id"])
    overwrites = {int(each["id"]): each for each in channel.get("permission_overwrites") or ()}
    for ids in ({guild_id}, held - {guild_id}, {own}):
        deny = allow = 0
        for overwrite in (overwrites[each] for each in ids if each in overwrites):
            deny |= int(overwrite["deny"])
            allow |= int(overwrite["allow"])
        bits = bits & ~deny | allow
    return bits if bits & VIEW else 0

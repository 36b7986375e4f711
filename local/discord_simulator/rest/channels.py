"""Channels and direct messages."""

from __future__ import annotations

from typing import Any

from dbsbm.discord.findings import Findings
from local.discord_simulator import compose, objects, permissions
from local.discord_simulator.errors import known
from local.discord_simulator.permissions import Permission
from local.discord_simulator.places import ChannelPlace
from local.discord_simulator.ratelimit import RENAME
from local.discord_simulator.rest import access
from local.discord_simulator.rest.router import Call, route
from local.discord_simulator.state import TEXT, Channel, Json, Overwrite

MOST_CHANNELS = 500


@route("GET", "/channels/{channel_id}", major=("channel_id",))
def get_channel(call: Call) -> tuple[int, Any]:
    return 200, objects.channel(access.channel(call.simulator, call.id("channel_id")), call.simulator)


@route("PATCH", "/channels/{channel_id}", major=("channel_id",))
def edit_channel(call: Call) -> tuple[int, Any]:
    """Name and topic share a limit of two changes in ten minutes that no header tells of beforehand."""
    channel = access.managed_channel(call.simulator, call.id("channel_id"))
    body = call.document()
    found = Findings()
    found.text(body, "", "name", 1, 100, required="name" in body)
    found.text(body, "", "topic", 0, 1024)
    call.simulator.observe("channel", body, refused=bool(found.problems))
    compose.refuse(found.problems)
    if "name" in body or "topic" in body:
        call.simulator.limits.take("rename", str(channel.id), RENAME, call.simulator.clock.now())
    channel.name = body.get("name", channel.name)
    channel.topic = body.get("topic", channel.topic)
    call.simulator.changed("channel", channel_id=channel.id)
    return 200, objects.channel(channel, call.simulator)


@route("POST", "/guilds/{guild_id}/channels", major=("guild_id",))
def create_channel(call: Call) -> tuple[int, Any]:
    """A text or voice channel; overwrites may only name what the bot itself may do."""
    guild_id = call.id("guild_id")
    guild = access.guild_right(call.simulator, guild_id, Permission.MANAGE_CHANNELS)
    body = call.document()
    found = Findings()
    found.text(body, "", "name", 1, 100, required=True)
    call.simulator.observe("channel_create", body, refused=bool(found.problems))
    compose.refuse(found.problems)
    if len(guild.channel_ids) >= MOST_CHANNELS:
        raise known(30013)
    overwrites = _overwrites(body)
    named = 0
    for item in overwrites:
        named |= item.allow | item.deny
    if named & ~permissions.in_guild(guild, call.simulator.application_id):
        raise known(50013)
    channel_id = call.simulator.snowflakes.new()
    channel = Channel(channel_id, guild_id, body["name"], int(body.get("type") or TEXT), body.get("topic"))
    channel.position = len(guild.channel_ids)
    channel.overwrites = {item.id: item for item in overwrites}
    call.simulator.state.channels[channel_id] = channel
    guild.channel_ids.append(channel_id)
    call.simulator.changed("guild", guild_id=guild_id)
    return 201, objects.channel(channel, call.simulator)


@route("DELETE", "/channels/{channel_id}", major=("channel_id",))
def delete_channel(call: Call) -> tuple[int, Any]:
    channel = access.managed_channel(call.simulator, call.id("channel_id"))
    document = objects.channel(channel, call.simulator)
    ChannelPlace(call.simulator, channel.id).delete()
    if channel.guild_id:
        call.simulator.changed("guild", guild_id=channel.guild_id)
    return 200, document


def _overwrites(body: Json) -> list[Overwrite]:
    return [
        Overwrite(int(item["id"]), int(item["type"]), int(item.get("allow") or 0), int(item.get("deny") or 0))
        for item in body.get("permission_overwrites") or ()
    ]


@route("POST", "/users/@me/channels")
def open_direct_channel(call: Call) -> tuple[int, Any]:
    recipient = str(call.document().get("recipient_id", ""))
    if not recipient.isdigit() or int(recipient) not in call.simulator.state.users:
        raise known(10013)
    if call.simulator.state.users[int(recipient)].bot:
        raise known(50007)
    return 200, objects.channel(call.simulator.direct_channel(int(recipient)), call.simulator)

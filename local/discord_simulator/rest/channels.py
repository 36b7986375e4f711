"""Channels and direct messages."""

from __future__ import annotations

from typing import Any

from dbsbm.discord.findings import Findings
from local.discord_simulator import compose, objects
from local.discord_simulator.errors import known
from local.discord_simulator.permissions import Permission
from local.discord_simulator.ratelimit import RENAME
from local.discord_simulator.rest import access
from local.discord_simulator.rest.router import Call, route


@route("GET", "/channels/{channel_id}", major=("channel_id",))
def get_channel(call: Call) -> tuple[int, Any]:
    return 200, objects.channel(access.channel(call.simulator, call.id("channel_id")), call.simulator)


@route("PATCH", "/channels/{channel_id}", major=("channel_id",))
def edit_channel(call: Call) -> tuple[int, Any]:
    """Name and topic share a limit of two changes in ten minutes that no header tells of beforehand."""
    channel = access.channel(call.simulator, call.id("channel_id"), Permission.MANAGE_CHANNELS)
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


@route("POST", "/users/@me/channels")
def open_direct_channel(call: Call) -> tuple[int, Any]:
    recipient = str(call.document().get("recipient_id", ""))
    if not recipient.isdigit() or int(recipient) not in call.simulator.state.users:
        raise known(10013)
    if call.simulator.state.users[int(recipient)].bot:
        raise known(50007)
    return 200, objects.channel(call.simulator.direct_channel(int(recipient)), call.simulator)

"""Messages the bot sends itself (Discord reference, "Message")."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dbsbm.discord.limits import EPHEMERAL
from local.discord_simulator import compose, objects, permissions
from local.discord_simulator.errors import known
from local.discord_simulator.permissions import Permission
from local.discord_simulator.ratelimit import EDIT, OLD_EDIT, SEND
from local.discord_simulator.rest import access
from local.discord_simulator.rest.router import Call, route
from local.discord_simulator.rest.webhooks import attempt
from local.discord_simulator.state import CATEGORY, Channel, Message

NONCE_WINDOW = timedelta(minutes=3)
"""How long an enforced nonce is remembered ("a few minutes")."""
_OLD = timedelta(hours=1)
_LIST = "/channels/{channel_id}/messages"
_ONE = "/channels/{channel_id}/messages/{message_id}"


@route("POST", _LIST, major=("channel_id",), limit=SEND)
def create_message(call: Call) -> tuple[int, Any]:
    """Send; a nonce that is enforced and was used a moment ago gives back the message it made."""
    rights = [Permission.SEND_MESSAGES, *([Permission.ATTACH_FILES] if call.uploads else [])]
    channel = access.channel(call.simulator, call.id("channel_id"), *rights)
    if channel.type == CATEGORY:
        raise known(50008)
    if channel.recipient_id is not None and not call.simulator.state.users[channel.recipient_id].takes_messages:
        raise known(50007)
    data = dict(call.document())
    earlier = _same_nonce(call, channel, data.get("nonce")) if data.get("enforce_nonce") else None
    if earlier is not None:
        return 200, objects.message(call.simulator, earlier)
    message = attempt(call, "message", lambda: _send(call, channel))
    return 200, objects.message(call.simulator, message)


def _send(call: Call, channel: Channel) -> Message:
    simulator = call.simulator
    data = dict(call.document())
    if isinstance(data.get("flags"), int):
        data["flags"] &= ~EPHEMERAL
    author = objects.user(simulator.state.users[simulator.application_id])
    message = compose.create(simulator, channel, author, data, call.uploads, as_bot=True)
    message.nonce = data.get("nonce")
    return message


def _same_nonce(call: Call, channel: Channel, nonce: Any) -> Message | None:
    if nonce is None:
        return None
    since = call.simulator.clock.now() - NONCE_WINDOW
    for message in channel.messages.values():
        if message.nonce == nonce and message.created_at > since:
            return message
    return None


@route("GET", _LIST, major=("channel_id",), limit=SEND)
def list_messages(call: Call) -> tuple[int, Any]:
    """Newest first; ``limit`` 1–100, ``before``, ``after`` or ``around`` an id. Without history rights: nothing."""
    channel = access.channel(call.simulator, call.id("channel_id"))
    limit = call.number("limit", 50, 1, 100)
    if not _reads_history(call, channel):
        return 200, []
    public = sorted(
        (message for message in channel.messages.values() if message.private_to is None), key=lambda message: message.id
    )
    chosen = public[-limit:]
    if call.query.get("before"):
        chosen = [message for message in public if message.id < int(call.query["before"])][-limit:]
    elif call.query.get("after"):
        chosen = [message for message in public if message.id > int(call.query["after"])][:limit]
    elif call.query.get("around"):
        nearest = sorted(public, key=lambda message: abs(message.id - int(call.query["around"])))[:limit]
        chosen = sorted(nearest, key=lambda message: message.id)
    return 200, [objects.message(call.simulator, message) for message in reversed(chosen)]


def _reads_history(call: Call, channel: Channel) -> bool:
    return channel.guild_id is None or bool(_bits(call, channel) & Permission.READ_MESSAGE_HISTORY)


def _bits(call: Call, channel: Channel) -> int:
    guild = call.simulator.state.guilds[channel.guild_id or 0]
    return permissions.in_channel(guild, channel, call.simulator.application_id)


@route("GET", _ONE, major=("channel_id",))
def get_message(call: Call) -> tuple[int, Any]:
    channel = access.channel(call.simulator, call.id("channel_id"), Permission.READ_MESSAGE_HISTORY)
    return 200, objects.message(call.simulator, access.message(channel, call.id("message_id")))


@route("PATCH", _ONE, major=("channel_id",), limit=EDIT)
def edit_message(call: Call) -> tuple[int, Any]:
    channel = access.channel(call.simulator, call.id("channel_id"))
    message = access.message(channel, call.id("message_id"))
    if message.author["id"] != str(call.simulator.application_id):
        raise known(50005)
    now = call.simulator.clock.now()
    if now - message.created_at > _OLD:
        call.simulator.limits.take("old edits", str(channel.id), OLD_EDIT, now)
    data = call.document()
    attempt(call, "message_edit", lambda: compose.edit(call.simulator, message, data, call.uploads))
    return 200, objects.message(call.simulator, message)


@route("DELETE", _ONE, major=("channel_id",), limit=EDIT)
def delete_message(call: Call) -> tuple[int, Any]:
    channel = access.channel(call.simulator, call.id("channel_id"))
    message = access.message(channel, call.id("message_id"))
    if message.author["id"] != str(call.simulator.application_id):
        access.channel(call.simulator, channel.id, Permission.MANAGE_MESSAGES)
    del channel.messages[message.id]
    call.simulator.changed("message_delete", channel_id=channel.id, message_id=message.id)
    return 204, None

"""Channel webhooks (Discord reference, "Webhook")."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from dbsbm.discord.limits import EPHEMERAL, check_username, check_webhook_message
from local.discord_simulator import compose, objects
from local.discord_simulator.errors import ApiError, is_malformed, known
from local.discord_simulator.ids import token
from local.discord_simulator.permissions import Permission
from local.discord_simulator.ratelimit import SHARED_CHANNEL, WEBHOOK
from local.discord_simulator.rest import access
from local.discord_simulator.rest.router import Call, route
from local.discord_simulator.state import Json, Message, Webhook

_PER_CHANNEL = 15
_BY_TOKEN = "/webhooks/{webhook_id}/{token}"  # noqa: S105 - a path, no secret
_T = TypeVar("_T")


def attempt(call: Call, kind: str, work: Callable[[], _T]) -> _T:
    """Do it, and tell observers whether the body was refused as malformed."""
    try:
        done = work()
    except ApiError as error:
        call.simulator.observe(kind, call.body, refused=is_malformed(error))
        raise
    call.simulator.observe(kind, call.body, refused=False)
    return done


@route("POST", "/channels/{channel_id}/webhooks", major=("channel_id",))
def create_webhook(call: Call) -> tuple[int, Any]:
    channel = access.channel(call.simulator, call.id("channel_id"), Permission.MANAGE_WEBHOOKS)
    body = call.document()
    problems = check_username(body.get("name"))
    call.simulator.observe("webhook", body, refused=bool(problems))
    compose.refuse(problems)
    state = call.simulator.state
    if sum(webhook.channel_id == channel.id for webhook in state.webhooks.values()) >= _PER_CHANNEL:
        raise known(30007)
    webhook_id = call.simulator.snowflakes.new()
    secret = token(call.simulator.random, webhook_id, size=31)
    webhook = Webhook(webhook_id, secret, channel.id, channel.guild_id or 0, body["name"])
    state.webhooks[webhook_id] = webhook
    return 200, objects.webhook(call.simulator, webhook)


@route("GET", "/channels/{channel_id}/webhooks", major=("channel_id",))
def list_webhooks(call: Call) -> tuple[int, Any]:
    channel = access.channel(call.simulator, call.id("channel_id"), Permission.MANAGE_WEBHOOKS)
    found = [webhook for webhook in call.simulator.state.webhooks.values() if webhook.channel_id == channel.id]
    return 200, [objects.webhook(call.simulator, webhook) for webhook in found]


@route("GET", "/guilds/{guild_id}/webhooks", major=("guild_id",))
def list_guild_webhooks(call: Call) -> tuple[int, Any]:
    guild = access.guild_right(call.simulator, call.id("guild_id"), Permission.MANAGE_WEBHOOKS)
    found = [webhook for webhook in call.simulator.state.webhooks.values() if webhook.guild_id == guild.id]
    return 200, [objects.webhook(call.simulator, webhook) for webhook in found]


@route("GET", "/webhooks/{webhook_id}", major=("webhook_id",))
def get_webhook(call: Call) -> tuple[int, Any]:
    return 200, objects.webhook(call.simulator, _managed(call))


@route("PATCH", "/webhooks/{webhook_id}", major=("webhook_id",))
def edit_webhook(call: Call) -> tuple[int, Any]:
    webhook = _managed(call)
    body = call.document()
    if "name" in body:
        compose.refuse(check_username(body["name"]))
        webhook.name = body["name"]
    if body.get("channel_id"):
        webhook.channel_id = access.channel(call.simulator, int(body["channel_id"]), Permission.MANAGE_WEBHOOKS).id
    return 200, objects.webhook(call.simulator, webhook)


@route("DELETE", "/webhooks/{webhook_id}", major=("webhook_id",))
def delete_webhook(call: Call) -> tuple[int, Any]:
    webhook = _managed(call)
    del call.simulator.state.webhooks[webhook.id]
    return 204, None


def _managed(call: Call) -> Webhook:
    webhook = call.simulator.state.webhooks.get(call.id("webhook_id"))
    if webhook is None:
        raise known(10015)
    access.channel(call.simulator, webhook.channel_id, Permission.MANAGE_WEBHOOKS)
    return webhook


def _by_token(call: Call) -> Webhook:
    webhook = call.simulator.state.webhooks.get(call.id("webhook_id"))
    if webhook is None:
        raise known(10015)
    if webhook.token != call.path["token"]:
        raise known(50027)
    return webhook


@route("GET", _BY_TOKEN, bot=False, major=("webhook_id", "token"))
def get_webhook_by_token(call: Call) -> tuple[int, Any]:
    return 200, objects.webhook(call.simulator, _by_token(call))


@route("POST", _BY_TOKEN, bot=False, major=("webhook_id", "token"), limit=WEBHOOK, interaction=True)
def execute(call: Call) -> tuple[int, Any]:
    """Post as the webhook, or follow up when the id is the application's. ``wait``: 200 with the message, else 204."""
    if call.id("webhook_id") == call.simulator.application_id:
        from local.discord_simulator.rest import interactions  # noqa: PLC0415 - the two share one path

        return interactions.follow_up(call)
    webhook = _by_token(call)
    call.simulator.limits.take("webhook messages", str(webhook.channel_id), SHARED_CHANNEL, call.simulator.clock.now())
    message = attempt(call, "webhook_execute", lambda: _post(call, webhook))
    return (200, objects.message(call.simulator, message)) if call.truth("wait") else (204, None)


def _post(call: Call, webhook: Webhook) -> Message:
    data = dict(call.document())
    compose.refuse(check_webhook_message(data, has_files=bool(call.uploads)))
    data["flags"] = (data.get("flags") or 0) & ~EPHEMERAL
    channel = call.simulator.state.channels[webhook.channel_id]
    message = compose.create(call.simulator, channel, _author(webhook, data), data, call.uploads)
    message.webhook_id = webhook.id
    return message


def _author(webhook: Webhook, data: Json) -> Json:
    """The user object of a webhook message. ``avatar_url`` is not Discord's; the simulator's page shows it."""
    return {
        "id": str(webhook.id),
        "username": data.get("username") or webhook.name,
        "avatar": None,
        "discriminator": "0000",
        "public_flags": 0,
        "flags": 0,
        "bot": True,
        "global_name": None,
        "clan": None,
        "primary_guild": None,
        **({"avatar_url": data["avatar_url"]} if data.get("avatar_url") else {}),
    }


def _message(call: Call) -> Message:
    if call.id("webhook_id") == call.simulator.application_id:
        from local.discord_simulator.rest import interactions  # noqa: PLC0415 - the two share one path

        return interactions.followup_message(call)
    webhook = _by_token(call)
    message = call.simulator.state.message(call.id("message_id"))
    if message is None or message.webhook_id != webhook.id:
        raise known(10008)
    return message


_MESSAGE = f"{_BY_TOKEN}/messages/{{message_id}}"


@route("GET", _MESSAGE, bot=False, major=("webhook_id", "token"), limit=WEBHOOK, interaction=True)
def get_message(call: Call) -> tuple[int, Any]:
    return 200, objects.message(call.simulator, _message(call))


@route("PATCH", _MESSAGE, bot=False, major=("webhook_id", "token"), limit=WEBHOOK, interaction=True)
def edit_message(call: Call) -> tuple[int, Any]:
    message = _message(call)
    data = call.document()
    attempt(call, "webhook_edit", lambda: compose.edit(call.simulator, message, data, call.uploads))
    return 200, objects.message(call.simulator, message)


@route("DELETE", _MESSAGE, bot=False, major=("webhook_id", "token"), limit=WEBHOOK, interaction=True)
def delete_message(call: Call) -> tuple[int, Any]:
    message = _message(call)
    del call.simulator.state.channels[message.channel_id].messages[message.id]
    call.simulator.changed("message_delete", channel_id=message.channel_id, message_id=message.id)
    return 204, None

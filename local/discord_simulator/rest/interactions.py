"""Answers to interactions: the callback, @original and follow-ups. The token in the path is all they need."""

from __future__ import annotations

from typing import Any

from local.discord_simulator import compose, exchanges, objects
from local.discord_simulator.errors import known
from local.discord_simulator.ratelimit import SHARED_CHANNEL, WEBHOOK
from local.discord_simulator.rest.router import Call, route
from local.discord_simulator.rest.webhooks import attempt
from local.discord_simulator.state import Exchange, Json, Message


@route(
    "POST",
    "/interactions/{interaction_id}/{token}/callback",
    bot=False,
    major=("interaction_id", "token"),
    interaction=True,
)
def callback(call: Call) -> tuple[int, Any]:
    """Acknowledge over REST: 204, or 200 with what was made when asked ``with_response``."""
    exchange = call.simulator.state.exchanges.get(call.id("interaction_id"))
    if exchange is None or exchange.token != call.path["token"]:
        raise known(10062)
    exchanges.acknowledge(call.simulator, exchange, call.body, call.uploads)
    if not call.truth("with_response"):
        return 204, None
    return 200, _callback_response(call, exchange)


def _callback_response(call: Call, exchange: Exchange) -> Json:
    document: Json = {
        "interaction": {
            "id": str(exchange.id),
            "type": exchange.type,
            "channel_id": str(exchange.channel_id),
            "response_message_loading": exchange.callback_type == 5,
        }
    }
    if exchange.guild_id:
        document["interaction"]["guild_id"] = str(exchange.guild_id)
    message = call.simulator.state.message(exchange.original_message_id) if exchange.original_message_id else None
    if message is not None:
        document["interaction"] |= {
            "response_message_id": str(message.id),
            "response_message_ephemeral": message.private_to is not None,
        }
        document["resource"] = {"type": exchange.callback_type, "message": objects.message(call.simulator, message)}
    return document


def follow_up(call: Call) -> tuple[int, Any]:
    """POST on the application's webhook: one more message, always answered with it."""
    exchange = exchanges.by_token(call.simulator, call.path["token"])
    call.simulator.limits.take("followups", str(exchange.channel_id), SHARED_CHANNEL, call.simulator.clock.now())
    data = call.document()
    message = attempt(call, "followup", lambda: exchanges.follow_up(call.simulator, exchange, data, call.uploads))
    return 200, objects.message(call.simulator, message)


_MESSAGE = "/webhooks/{application_id}/{token}/messages/@original"


def _original(call: Call) -> Message:
    if call.id("application_id") != call.simulator.application_id:
        raise known(10015)
    return exchanges.original(call.simulator, exchanges.by_token(call.simulator, call.path["token"]))


@route("GET", _MESSAGE, bot=False, major=("application_id", "token"), limit=WEBHOOK, interaction=True)
def get_original(call: Call) -> tuple[int, Any]:
    return 200, objects.message(call.simulator, _original(call))


@route("PATCH", _MESSAGE, bot=False, major=("application_id", "token"), limit=WEBHOOK, interaction=True)
def edit_original(call: Call) -> tuple[int, Any]:
    message = _original(call)
    data = call.document()
    attempt(call, "webhook_edit", lambda: compose.edit(call.simulator, message, data, call.uploads))
    return 200, objects.message(call.simulator, message)


@route("DELETE", _MESSAGE, bot=False, major=("application_id", "token"), limit=WEBHOOK, interaction=True)
def delete_original(call: Call) -> tuple[int, Any]:
    message = _original(call)
    del call.simulator.state.channels[message.channel_id].messages[message.id]
    call.simulator.changed("message_delete", channel_id=message.channel_id, message_id=message.id)
    return 204, None


def followup_message(call: Call) -> Message:
    """The message with the id in the path, when it belongs to the exchange of the token.

    Raises
    ------
    ApiError
        10008 when it does not.
    """
    exchange = exchanges.by_token(call.simulator, call.path["token"])
    message_id = call.id("message_id")
    message = call.simulator.state.message(message_id)
    if message is None or message_id not in (exchange.original_message_id, *exchange.followup_ids):
        raise known(10008)
    return message

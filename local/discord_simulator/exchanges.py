"""The life of an interaction: acknowledged once within 3 s, its token good for 15 minutes."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dbsbm.discord.limits import EPHEMERAL, IS_COMPONENTS_V2, check_callback, check_message
from local.discord_simulator import compose, objects
from local.discord_simulator.errors import ApiError, is_malformed, known
from local.discord_simulator.multipart import Upload
from local.discord_simulator.state import LOADING, Channel, Exchange, Json, Message

if TYPE_CHECKING:
    from local.discord_simulator.simulator import Simulator

ANSWER_WITHIN = timedelta(seconds=3)
TOKEN_LIFE = timedelta(minutes=15)
PING, COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = range(1, 6)
_REPLY_TYPE = 20
_FOLLOWUP_TYPE = 0


def acknowledge(simulator: Simulator, exchange: Exchange, body: Any, uploads: Mapping[int, Upload]) -> None:
    """Take the first answer to an interaction, however it came.

    Raises
    ------
    ApiError
        10062 when it is late, 40060 when there was one, 50035 when it is wrong.
    """
    now = simulator.clock.now()
    if exchange.status == "acknowledged":
        raise known(40060)
    if exchange.status == "failed" or now - exchange.created_at > ANSWER_WITHIN:
        raise known(10062)
    source = _source(simulator, exchange)
    try:
        compose.refuse(
            check_callback(
                body,
                interaction_type=exchange.type,
                from_component=source is not None,
                was_v2=bool(source and source.flags & IS_COMPONENTS_V2),
                has_files=bool(uploads),
            )
        )
        _apply(simulator, exchange, body, uploads, source)
    except ApiError as error:
        simulator.observe("callback", body, refused=is_malformed(error))
        raise
    simulator.observe("callback", body, refused=False)
    exchange.status = "acknowledged"
    exchange.callback_type = body["type"]
    exchange.acknowledged_at = now + simulator.acknowledgement_delay()
    simulator.changed("interaction", interaction_id=exchange.id, user_id=exchange.user_id)


def fail(simulator: Simulator, exchange: Exchange, why: str) -> None:
    """The person sees that it failed; the token is worth nothing from now on."""
    if exchange.status != "pending":
        return
    exchange.status = "failed"
    exchange.failure = why
    simulator.note(f"interaction {exchange.id} failed: {why}")
    simulator.changed("interaction", interaction_id=exchange.id, user_id=exchange.user_id)


def by_token(simulator: Simulator, token: str) -> Exchange:
    """The exchange whose token opens its webhook now.

    Raises
    ------
    ApiError
        50027 for a wrong or expired token, 10015 while it is not acknowledged (yet).
    """
    exchange_id = simulator.state.tokens.get(token)
    if exchange_id is None:
        raise known(50027)
    exchange = simulator.state.exchanges[exchange_id]
    now = simulator.clock.now()
    if now - exchange.created_at > TOKEN_LIFE:
        raise known(50027)
    if exchange.acknowledged_at is None or now < exchange.acknowledged_at:
        raise known(10015)
    return exchange


def original(simulator: Simulator, exchange: Exchange) -> Message:
    """The message ``@original`` means.

    Raises
    ------
    ApiError
        10008 when the answer was no message, or it is gone.
    """
    message = simulator.state.message(exchange.original_message_id) if exchange.original_message_id else None
    if message is None:
        raise known(10008)
    return message


def follow_up(simulator: Simulator, exchange: Exchange, data: Json, uploads: Mapping[int, Upload]) -> Message:
    """One more message on the token. Directly after a deferral it takes the place of "thinking…" (deprecated)."""
    first = simulator.state.message(exchange.original_message_id) if exchange.original_message_id else None
    if first is not None and first.flags & LOADING:
        compose.refuse(check_message(data, has_files=bool(uploads)))
        compose.edit(simulator, first, data, uploads)
        return first
    private = bool((data.get("flags") or 0) & EPHEMERAL)
    message = _message(simulator, exchange, data, uploads, private=private)
    message.type = _FOLLOWUP_TYPE
    exchange.followup_ids.append(message.id)
    simulator.changed("interaction", interaction_id=exchange.id, user_id=exchange.user_id)
    return message


def _source(simulator: Simulator, exchange: Exchange) -> Message | None:
    return simulator.state.message(exchange.source_message_id) if exchange.source_message_id else None


def _apply(
    simulator: Simulator, exchange: Exchange, body: Json, uploads: Mapping[int, Upload], source: Message | None
) -> None:
    kind = body["type"]
    data = body.get("data") or {}
    if kind == 4:
        private = bool((data.get("flags") or 0) & EPHEMERAL)
        exchange.original_message_id = _message(simulator, exchange, data, uploads, private=private).id
    elif kind == 5:
        exchange.original_message_id = _thinking(simulator, exchange, data).id
    elif kind in (6, 7):
        exchange.original_message_id = source.id if source else None
        if kind == 7 and source is not None:
            compose.edit(simulator, source, data, uploads)
    elif kind == 8:
        exchange.choices = deepcopy(data["choices"])
    elif kind == 9:
        exchange.modal = deepcopy(data)


def _message(
    simulator: Simulator, exchange: Exchange, data: Json, uploads: Mapping[int, Upload], *, private: bool
) -> Message:
    message = compose.create(
        simulator,
        _channel(simulator, exchange),
        objects.user(simulator.state.users[simulator.application_id]),
        data,
        uploads,
        private_to=exchange.user_id if private else None,
    )
    _belongs(simulator, exchange, message, private=private)
    return message


def _thinking(simulator: Simulator, exchange: Exchange, data: Json) -> Message:
    private = bool((data.get("flags") or 0) & EPHEMERAL)
    channel = _channel(simulator, exchange)
    message = Message(
        id=simulator.snowflakes.new(),
        channel_id=channel.id,
        author=objects.user(simulator.state.users[simulator.application_id]),
        created_at=simulator.clock.now(),
        application_id=simulator.application_id,
        flags=LOADING,
        private_to=exchange.user_id if private else None,
    )
    _belongs(simulator, exchange, message, private=private)
    channel.messages[message.id] = message
    simulator.changed("message", channel_id=channel.id, message_id=message.id)
    return message


def _belongs(simulator: Simulator, exchange: Exchange, message: Message, *, private: bool) -> None:
    message.interaction_id = exchange.id
    message.webhook_id = simulator.application_id
    message.type = _REPLY_TYPE if exchange.type == COMMAND else 19
    if private:
        message.flags |= EPHEMERAL


def _channel(simulator: Simulator, exchange: Exchange) -> Channel:
    return simulator.state.channels[exchange.channel_id]

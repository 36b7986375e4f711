"""``/sim/…``: what the page and the demo need. The README of this folder lists it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from dbsbm.core.errors import DbsbmError
from dbsbm.core.http import HttpRequest, HttpResponse
from local.discord_simulator import objects, permissions, snapshot
from local.discord_simulator.errors import ApiError, ClientRefusalError
from local.discord_simulator.multipart import Upload
from local.discord_simulator.permissions import Permission
from local.discord_simulator.person import Person
from local.discord_simulator.seeding import seed
from local.discord_simulator.seen import Seen
from local.discord_simulator.simulator import Simulator
from local.discord_simulator.state import Json

_Act = Callable[[Simulator, Person, Json], Any]


def answer(simulator: Simulator, request: HttpRequest) -> HttpResponse:
    """Answer a request of the page. A refusal by the client is a 409 with its words."""
    parts = urlsplit(request.url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    route = _ROUTES.get((request.method, parts.path))
    if route is None:
        return _json(404, {"error": f"no {request.method} {parts.path}"})
    try:
        body = json.loads(request.body) if request.body else {}
        return _json(200, route(simulator, query, body))
    except ClientRefusalError as refusal:
        return _json(409, {"error": str(refusal)})
    except ApiError as error:
        return _json(400, {"error": str(error)})
    except (KeyError, ValueError, TypeError, AttributeError, DbsbmError) as error:
        return _json(400, {"error": f"{type(error).__name__}: {error}"})


def _json(status: int, document: Any) -> HttpResponse:
    return HttpResponse(
        status, {"content-type": "application/json", "cache-control": "no-store"}, json.dumps(document).encode()
    )


def event_for(simulator: Simulator, event: Json, user: str) -> Json | None:
    """A change as one user may know of it: messages come along, other people's private ones do not."""
    with simulator.lock:
        if event["kind"] == "interaction":
            return event if event["user_id"] == user else None
        if event["kind"] != "message":
            return event
        message = simulator.state.message(int(event["message_id"]))
        if message is None or message.private_to not in (None, int(user or 0)):
            return None
        if not _may_view(simulator, message.channel_id, int(user or 0)):
            return None
        return event | {"message": snapshot.message(simulator, message)}


def _may_view(simulator: Simulator, channel_id: int, user_id: int) -> bool:
    channel = simulator.state.channels[channel_id]
    if channel.guild_id is None:
        return channel.recipient_id == user_id
    guild = simulator.state.guilds[channel.guild_id]
    return bool(permissions.in_channel(guild, channel, user_id) & Permission.VIEW_CHANNEL)


# --- reading --------------------------------------------------------------------------------------------------------


def _application(simulator: Simulator, _query: Mapping[str, str], _body: Json) -> Json:
    return {
        "application_id": str(simulator.application_id),
        "public_key": simulator.public_key_hex,
        "bot_token": simulator.bot_token,
        "now": objects.moment(simulator.clock.now()),
        "problems": simulator.problems[-50:],
    }


def _state(simulator: Simulator, query: Mapping[str, str], _body: Json) -> Json:
    with simulator.lock:
        return snapshot.state(simulator, int(query["user"]) if query.get("user") else None)


def _commands(simulator: Simulator, query: Mapping[str, str], _body: Json) -> list[Json]:
    guild_id = int(query["guild"]) if query.get("guild") else None
    with simulator.lock:
        commands = [item for item in simulator.state.commands.values() if item.guild_id in (None, guild_id)]
        return [objects.command(simulator, command, localizations=True) for command in commands]


def _transcript(simulator: Simulator, _query: Mapping[str, str], _body: Json) -> Json:
    return simulator.transcript()


def _interaction(simulator: Simulator, query: Mapping[str, str], _body: Json) -> Json:
    exchange = simulator.state.exchanges[int(query["id"])]
    guild_id = exchange.guild_id
    return _result(Seen(Person(simulator, exchange.user_id, guild_id, exchange.channel_id), exchange_id=exchange.id))


# --- acting ---------------------------------------------------------------------------------------------------------


def _act(simulator: Simulator, _query: Mapping[str, str], body: Json) -> Json:
    person = _person(simulator, body)
    done = _VERBS[body["verb"]](simulator, person, body)
    if isinstance(done, Seen):
        return _result(done)
    return {"choices": [{"name": choice.name, "value": choice.value} for choice in done]}


def _person(simulator: Simulator, body: Json) -> Person:
    channel = simulator.state.channels[int(body["channel_id"])]
    return Person(simulator, int(body["user_id"]), channel.guild_id, channel.id)


def _result(seen: Seen) -> Json:
    exchange, message = seen.exchange, seen.message
    return {
        "interaction_id": str(exchange.id) if exchange else None,
        "status": exchange.status if exchange else "acknowledged",
        "failed": seen.failed,
        "failure": exchange.failure if exchange else "",
        "text": seen.text,
        "message_id": str(message.id) if message else None,
        "modal": exchange.modal if exchange else None,
    }


def _values(body: Json) -> dict[str, Any]:
    return {name: _value(value) for name, value in (body.get("options") or {}).items() if value not in (None, "")}


def _value(value: Any) -> Any:
    """Files arrive as ``{"filename", "content_type", "base64"}``; lists hold several."""
    if isinstance(value, list):
        return [_value(item) for item in value]
    if isinstance(value, dict) and "base64" in value:
        return Upload(
            value["filename"],
            value.get("content_type") or "application/octet-stream",
            base64.b64decode(value["base64"]),
        )
    return value


def _slash(_simulator: Simulator, person: Person, body: Json) -> Seen:
    return person.slash(body["command"], **_values(body))


def _autocomplete(_simulator: Simulator, person: Person, body: Json) -> Any:
    others = {name: value for name, value in _values(body).items() if name != body["option"]}
    return person.autocomplete(body["command"], body["option"], body.get("typed", ""), **others)


def _click(_simulator: Simulator, person: Person, body: Json) -> Seen:
    return Seen(person, about=int(body["message_id"])).click(body["custom_id"])


def _select(_simulator: Simulator, person: Person, body: Json) -> Seen:
    return Seen(person, about=int(body["message_id"])).select(body["custom_id"], *body["values"])


def _modal(simulator: Simulator, person: Person, body: Json) -> Seen:
    exchange = simulator.state.exchanges[int(body["interaction_id"])]
    fields = {name: _value(value) for name, value in (body.get("fields") or {}).items()}
    return Seen(person, exchange_id=exchange.id).submit_modal(fields)


def _message_command(_simulator: Simulator, person: Person, body: Json) -> Seen:
    return person.message_command(body["command"], int(body["message_id"]))


def _user_command(simulator: Simulator, person: Person, body: Json) -> Seen:
    target = Person(simulator, int(body["target_id"]), person.guild_id, person.channel_id)
    return person.user_command(body["command"], target)


def _say(_simulator: Simulator, person: Person, body: Json) -> Seen:
    return person.says(body.get("content", ""), *(_value(item) for item in body.get("files") or ()))


def _dismiss(simulator: Simulator, person: Person, body: Json) -> Seen:
    """Somebody dismisses a private message of theirs."""
    with simulator.lock:
        message = person.visible(int(body["message_id"]))
        if message.private_to != person.user_id:
            raise ClientRefusalError("only private messages can be dismissed")
        del simulator.state.channels[message.channel_id].messages[message.id]
        simulator.changed("message_delete", channel_id=message.channel_id, message_id=message.id)
    return Seen(person, about=message.id)


def _buy(_simulator: Simulator, person: Person, body: Json) -> Seen:
    person.buy(int(body["sku_id"]))
    return Seen(person)


def _end(simulator: Simulator, person: Person, body: Json) -> Seen:
    with simulator.lock:
        simulator.shop.end(int(body["entitlement_id"]))
    return Seen(person)


def _refund(simulator: Simulator, person: Person, body: Json) -> Seen:
    with simulator.lock:
        simulator.shop.refund(int(body["entitlement_id"]))
    return Seen(person)


_VERBS: dict[str, _Act] = {
    "slash": _slash,
    "autocomplete": _autocomplete,
    "click": _click,
    "select": _select,
    "modal": _modal,
    "message_command": _message_command,
    "user_command": _user_command,
    "say": _say,
    "dismiss": _dismiss,
    "buy": _buy,
    "end": _end,
    "refund": _refund,
}


# --- setting up -----------------------------------------------------------------------------------------------------


def _seed(simulator: Simulator, _query: Mapping[str, str], body: Json) -> Json:
    return seed(simulator, body)


def _validate(simulator: Simulator, _query: Mapping[str, str], _body: Json) -> Json:
    return {"problems": simulator.validate_endpoint()}


_ROUTES: dict[tuple[str, str], Callable[[Simulator, Mapping[str, str], Json], Any]] = {
    ("GET", "/sim/application"): _application,
    ("GET", "/sim/state"): _state,
    ("GET", "/sim/commands"): _commands,
    ("GET", "/sim/transcript"): _transcript,
    ("GET", "/sim/interaction"): _interaction,
    ("POST", "/sim/act"): _act,
    ("POST", "/sim/seed"): _seed,
    ("POST", "/sim/validate"): _validate,
}

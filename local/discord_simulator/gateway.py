"""Signed requests to the application's endpoint, and what becomes of its answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from dbsbm.core.http import HttpRequest, HttpResponse, TransportError
from local.discord_simulator import exchanges, multipart
from local.discord_simulator.errors import ApiError
from local.discord_simulator.state import Exchange, Json

if TYPE_CHECKING:
    from local.discord_simulator.simulator import Simulator

USER_AGENT = "Discord-Interactions/1.0 (+https://discord.com)"
DEFAULT_URL = "http://127.0.0.1:8080/discord/interactions"


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a request goes out; the default is how Discord sends it, anything else is a negative test.

    ``headers``: "real" case, or all "lower" or "upper". ``truncate``: only so many bytes of the body arrive.
    ``body`` replaces it (signed all the same). ``timestamp_age_s``: it was signed so long ago. ``repeat``: the same
    bytes arrive so often. ``hold``: do not send; :attr:`Seen.request` has it.
    """

    signature: Literal["good", "bad", "missing", "garbled"] = "good"
    timestamp: Literal["good", "missing"] = "good"
    headers: Literal["real", "lower", "upper"] = "real"
    timestamp_age_s: int = 0
    truncate: int | None = None
    body: bytes | None = None
    repeat: int = 1
    hold: bool = False


REAL = Delivery()


def signed(simulator: Simulator, document: Json, delivery: Delivery = REAL, url: str = "") -> HttpRequest:
    """The request Discord would send with this document."""
    body = delivery.body if delivery.body is not None else json.dumps(document, separators=(",", ":")).encode()
    stamp = str(int(simulator.clock.now().timestamp()) - delivery.timestamp_age_s)
    signature = simulator.signing_key.sign(stamp.encode() + body).signature.hex()
    if delivery.signature == "bad":
        signature = f"{int(signature[0], 16) ^ 1:x}{signature[1:]}"
    if delivery.signature == "garbled":
        signature = "zz" + signature[3:]
    headers = {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "X-Signature-Ed25519": signature,
        "X-Signature-Timestamp": stamp,
    }
    if delivery.signature == "missing":
        del headers["X-Signature-Ed25519"]
    if delivery.timestamp == "missing":
        del headers["X-Signature-Timestamp"]
    if delivery.headers != "real":
        headers = {getattr(name, delivery.headers)(): value for name, value in headers.items()}
    target = url or simulator.application["interactions_endpoint_url"] or DEFAULT_URL
    return HttpRequest("POST", target, headers, body if delivery.truncate is None else body[: delivery.truncate], 3.0)


def deliver(simulator: Simulator, exchange: Exchange, delivery: Delivery = REAL) -> list[HttpResponse]:
    """Send an interaction and take the first answer; later answers to repeats are only handed back."""
    with simulator.lock:
        request = signed(simulator, exchange.payload, delivery)
        endpoint = simulator.endpoint
    if endpoint is None:
        exchanges.fail(simulator, exchange, "no endpoint is connected")
        return []
    responses = []
    for _ in range(delivery.repeat):
        try:
            response = endpoint(request)
        except TransportError as error:
            with simulator.lock:
                exchanges.fail(simulator, exchange, f"the endpoint could not be reached: {error.detail}")
            continue
        responses.append(response)
        answered(simulator, exchange, response)
    return responses


def answered(simulator: Simulator, exchange: Exchange, response: HttpResponse) -> None:
    """Take the HTTP answer to an interaction."""
    with simulator.lock:
        if exchange.status != "pending" or response.status == 202:
            # 202: it says it answers through the callback endpoint, and the deadline goes on.
            return
        if response.status != 200:
            exchanges.fail(simulator, exchange, f"the endpoint answered {response.status}")
            return
        headers = {name.lower(): value for name, value in response.headers.items()}
        try:
            body = multipart.read(headers, response.body)
            exchanges.acknowledge(simulator, exchange, body.document, body.uploads)
        except ApiError as error:
            why = "it answered too late" if error.code == 10062 else f"its answer was refused: {error}"
            exchanges.fail(simulator, exchange, why)


def expire(simulator: Simulator, exchange: Exchange) -> None:
    """Let the client give up on an interaction nobody answered in time."""
    with simulator.lock:
        if exchange.status == "pending" and simulator.clock.now() - exchange.created_at > exchanges.ANSWER_WITHIN:
            exchanges.fail(simulator, exchange, "no answer within 3 seconds")


def validate(simulator: Simulator, endpoint: Callable[[HttpRequest], HttpResponse] | None, url: str = "") -> list[str]:
    """What the portal finds wrong with an endpoint: PING must be answered 200 PONG, a bad signature 401."""
    if endpoint is None:
        return ["no endpoint is connected"]
    ping = {
        "id": str(simulator.snowflakes.new()),
        "application_id": str(simulator.application_id),
        "type": 1,
        "token": "ping",
        "version": 1,
        "user": {"id": "1", "username": "discord", "discriminator": "0", "avatar": None, "global_name": None},
        "entitlements": [],
        "authorizing_integration_owners": {},
    }
    wrong = []
    try:
        good = endpoint(signed(simulator, ping, REAL, url))
        bad = endpoint(signed(simulator, ping, Delivery(signature="bad"), url))
    except TransportError as error:
        return [f"the endpoint could not be reached: {error.detail}"]
    headers = {name.lower(): value for name, value in good.headers.items()}
    if good.status != 200 or _json(good.body) != {"type": 1}:
        wrong.append(f"a PING was answered {good.status} {good.body[:80]!r}, not 200 with type 1")
    if not headers.get("content-type", "").startswith("application/json"):
        wrong.append("the PONG has no content type application/json")
    if bad.status != 401:
        wrong.append(f"a bad signature was answered {bad.status}, not 401")
    return wrong


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return None

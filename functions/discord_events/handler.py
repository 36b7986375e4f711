"""POST /discord/events: Discord's webhook events (developer docs, "Webhook Events").

Signed like interactions. Retried by Discord for ten minutes until it reads 204, in any order and possibly twice, so
what they cause is an upsert.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from dbsbm.core import metrics
from dbsbm.core.errors import DatabaseUnavailableError
from dbsbm.core.invocation import watched
from dbsbm.database.session import Session
from dbsbm.discord.signature import Gate, RefusedError, parse_keys
from dbsbm.environment import Environment, current
from dbsbm.guilds import service
from dbsbm.tiers.model import Entitlement
from dbsbm.tiers.reading import entitlement, moment
from dbsbm.tiers.repository import EntitlementRepository

logger = logging.getLogger(__name__)

RETRIED_FOR_S = 900
"""Discord's ten minutes of retries with room to spare, in seconds."""
_GUILD_INSTALL = 0
_PING, _EVENT = 0, 1
_ENTITLEMENT = frozenset({"ENTITLEMENT_CREATE", "ENTITLEMENT_UPDATE", "ENTITLEMENT_DELETE"})

Json = dict[str, Any]
Effect = Callable[[Session, datetime], None]


@watched
def handler(event: object, _context: object = None) -> Json:
    """Check, take effect, acknowledge. 503 asks Discord to come again."""
    environment = current()
    gate = Gate(parse_keys(environment.settings.discord_public_key), RETRIED_FOR_S)
    try:
        body = gate.body_of(event, environment.clock.now().timestamp())
    except RefusedError as refusal:
        logger.warning("event refused: %s", refusal.reason)
        return _answer(refusal.status, "refused")
    try:
        document = json.loads(body.decode())
        kind, happened = document["type"], document.get("event", {})
        name, effect = _read(happened) if kind == _EVENT else ("", None)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return _answer(400, "not an event")
    if kind == _PING:
        return _answer(204)
    if kind != _EVENT:
        return _answer(400, "unknown type")
    return _take(name, effect, environment)


def _read(happened: Json) -> tuple[str, Effect | None]:
    """An event's name and what it causes, if it is one that we act on."""
    name, data = str(happened["type"])[:64], happened.get("data") or {}
    if name in _ENTITLEMENT and data.get("guild_id"):
        told = entitlement(data, moment(happened["timestamp"]), deleted=name == "ENTITLEMENT_DELETE")
        return name, None if told is None else _bought(told)
    effects = {"APPLICATION_AUTHORIZED": _installed, "APPLICATION_DEAUTHORIZED": _deauthorized}
    if name not in effects or data.get("integration_type", _GUILD_INSTALL) != _GUILD_INSTALL:
        return name, None
    guild_id = int(data["guild"]["id"]) if data.get("guild") else None
    if guild_id is not None and not 0 < guild_id < 1 << 63:
        raise ValueError("not a snowflake")
    return name, None if guild_id is None else effects[name](guild_id)


def _installed(guild_id: int) -> Effect:
    return lambda session, now: service.on_application_authorized(session, guild_id, now)


def _deauthorized(guild_id: int) -> Effect:
    """Discord names the person who took rights back, and a guild only sometimes."""
    return lambda session, now: service.on_application_deauthorized(session, guild_id, now)


def _bought(told: Entitlement) -> Effect:
    return lambda session, _now: EntitlementRepository(session).take([told])


def _take(name: str, effect: Effect | None, environment: Environment) -> Json:
    try:
        if effect is not None:
            caused, now = effect, environment.clock.now()
            environment.database.run(lambda session: caused(session, now))
    except DatabaseUnavailableError as error:
        metrics.record(metrics.ERRORS, code=error.code)
        logger.warning("event not taken: %s", error.code)
        return _answer(503, "try again")
    logger.info("event taken" if effect is not None else "event without effect", extra={"event": name})
    return _answer(204)


def _answer(status: int, reason: str = "") -> Json:
    body = json.dumps({"error": reason}) if reason else ""
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": body}

"""Signed interactions as HTTP API events, for the benches."""

from __future__ import annotations

import json
import time
from typing import Any

from nacl.bindings import crypto_sign, crypto_sign_seed_keypair

from dbsbm.discord.routes import load

_EPOCH_MS = 1_420_070_400_000
KEY, _SECRET = crypto_sign_seed_keypair(bytes(range(32)))


def event(document: dict[str, Any]) -> dict[str, Any]:
    """An HTTP API event (payload 2.0), signed now with the bench's key."""
    timestamp, body = str(int(time.time())), json.dumps(document, separators=(",", ":"))
    signature = crypto_sign(timestamp.encode() + body.encode(), _SECRET)[:64].hex()
    headers = {
        "content-type": "application/json",
        "user-agent": "Discord-Interactions/1.0 (+https://discord.com)",
        "x-signature-ed25519": signature,
        "x-signature-timestamp": timestamp,
    }
    http = {"method": "POST", "path": "/discord/interactions", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"}
    return {
        "version": "2.0",
        "routeKey": "POST /discord/interactions",
        "rawPath": "/discord/interactions",
        "headers": headers,
        "requestContext": {"http": http, "stage": "$default"},
        "body": body,
        "isBase64Encoded": False,
    }


def ping() -> dict[str, Any]:
    """Discord's PING."""
    return {"id": _snowflake(), "application_id": "1", "type": 1, "token": "t", "version": 1}


def command() -> dict[str, Any]:
    """The first command of ``routes.json`` (``bet`` when it is there), as a person in a guild sends it.

    Raises
    ------
    SystemExit
        When no command is defined.
    """
    names = sorted(load().commands)
    if not names:
        raise SystemExit("routes.json holds no command: run python -m local.generate")
    first, *rest = ("bet" if "bet" in names else names[0]).split(" ")
    options: list[dict[str, Any]] = [{"name": "pick", "type": 3, "value": "chiefs -3 -110 2u"}]
    for name in reversed(rest):
        options = [{"name": name, "type": 1, "options": options}]
    user = {"id": "1031", "username": "ann", "global_name": "Ann", "avatar": None, "discriminator": "0"}
    return {
        "id": _snowflake(),
        "application_id": "1001",
        "type": 2,
        "token": "aW50ZXJhY3Rpb246" * 12,
        "version": 1,
        "guild_id": "1021",
        "channel_id": "1041",
        "guild": {"id": "1021", "locale": "en-US", "features": []},
        "channel": {"id": "1041", "type": 0, "name": "slips", "permissions": "2248473465835073"},
        "member": {"user": user, "roles": ["1051"], "permissions": "2248473465835073", "nick": None},
        "app_permissions": "2251799813685247",
        "locale": "en-US",
        "guild_locale": "en-US",
        "entitlements": [],
        "authorizing_integration_owners": {"0": "1021"},
        "context": 0,
        "attachment_size_limit": 10485760,
        "data": {"id": "1061", "name": first, "type": 1, "options": options},
    }


def _snowflake() -> str:
    return str((int(time.time() * 1000) - _EPOCH_MS) << 22)

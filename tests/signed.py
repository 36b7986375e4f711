"""Requests signed as Discord signs them, for the tests of the front door."""

from __future__ import annotations

import json
from typing import Any

from nacl.bindings import crypto_sign, crypto_sign_seed_keypair

from dbsbm.discord.routes import Routes, read

KEY, SECRET = crypto_sign_seed_keypair(b"discord's side of the tests, 32 b"[:32])
OTHER_KEY, OTHER_SECRET = crypto_sign_seed_keypair(b"somebody else's key in the tests"[:32])
NOW = 1_790_000_000.0
"""Seconds since 1970: the clock of these tests."""
ENVIRON = {"DISCORD_PUBLIC_KEY": KEY.hex()}
EPOCH_MS = 1_420_070_400_000
SIGNATURE, TIMESTAMP = "x-signature-ed25519", "x-signature-timestamp"


def snowflake(at: float = NOW) -> str:
    return str((int(at * 1000) - EPOCH_MS) << 22)


def signature(timestamp: bytes, body: bytes, secret: bytes = SECRET) -> str:
    return crypto_sign(timestamp + body, secret)[:64].hex()


def event(body: bytes | dict[str, Any], *, at: float = NOW, secret: bytes = SECRET) -> dict[str, Any]:
    """An HTTP API event, payload 2.0."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    timestamp = str(int(at))
    headers = {
        "content-type": "application/json",
        SIGNATURE: signature(timestamp.encode(), raw, secret),
        TIMESTAMP: timestamp,
    }
    return {"version": "2.0", "headers": headers, "body": raw.decode(), "isBase64Encoded": False}


def command(name: str = "bet", *, age_s: float = 0.2, **more: Any) -> dict[str, Any]:
    data = {"id": "7", "name": name, "type": 1, "options": []}
    return {"id": snowflake(NOW - age_s), "application_id": "1", "type": 2, "token": "t0ken", "data": data, **more}


def click(custom_id: str, *, age_s: float = 0.2) -> dict[str, Any]:
    data = {"custom_id": custom_id, "component_type": 2}
    message = {"id": "99"}
    return {"id": snowflake(NOW - age_s), "type": 3, "token": "t0ken", "message": message, "data": data}


ROUTES: Routes = read(
    {
        "v": 1,
        "commands": {
            "bet": {"function": "command_betting", "mode": "inline", "answers": "message"},
            "stats": {"function": "command_stats", "mode": "deferred", "answers": "message"},
            "capper add": {"function": "command_guild", "mode": "inline", "answers": "message"},
        },
        "components": {
            "grade": {
                "function": "command_betting",
                "mode": "inline",
                "answers": "update",
                "args": ["int", ["won", "lost"]],
            },
            "share": {"function": "command_stats", "mode": "deferred", "answers": "update", "args": []},
            "edit": {"function": "command_betting", "mode": "inline", "answers": "modal", "args": []},
            "new_bet": {"mode": "static", "modal": {"custom_id": "v1:typed", "title": "New bet", "components": []}},
        },
        "modals": {"typed": {"function": "command_betting", "mode": "deferred", "answers": "update", "args": []}},
        "autocomplete": {"bet.pick": {"function": "command_betting"}, "capper add.user": {"function": "command_guild"}},
    }
)

"""Signatures of what is told: Standard Webhooks 1.0 (standardwebhooks.com), HMAC-SHA256. Pure."""

from __future__ import annotations

import base64
import hmac
from datetime import datetime
from random import Random

_PREFIX = "whsec_"
_BYTES = 32


def new_secret(random: Random) -> str:
    """A secret as receivers are given it: ``whsec_`` and 32 bytes in base64."""
    return _PREFIX + base64.b64encode(random.randbytes(_BYTES)).decode()


def headers(secret: str, event_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """``webhook-id``, ``webhook-timestamp`` (seconds) and ``webhook-signature``: ``v1,`` and the base64 of the HMAC.

    What is signed is ``<id>.<timestamp>.<body>``. The id is the same in every attempt, the timestamp is the attempt's.
    """
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    stamp = str(int(at.timestamp()))
    signature = hmac.digest(key, f"{event_id}.{stamp}.".encode() + body, "sha256")
    return {
        "webhook-id": event_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }

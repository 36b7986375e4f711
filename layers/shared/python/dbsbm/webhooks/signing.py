"""Signatures of what is told: Standard Webhooks 1.0 (standardwebhooks.com), HMAC-SHA256. Pure.

What is stored of an endpoint is its secret, and for a day after a change the one before it with the moment it ends:
``whsec_new whsec_old@1790000000``. Meanwhile requests carry both signatures, as the standard has it for a change
without a gap.
"""

from __future__ import annotations

import base64
import hmac
from datetime import datetime, timedelta
from random import Random

_PREFIX = "whsec_"
_BYTES = 32
OVERLAP = timedelta(hours=24)


def new_secret(random: Random) -> str:
    """A secret as receivers are given it: ``whsec_`` and 32 bytes in base64."""
    return _PREFIX + base64.b64encode(random.randbytes(_BYTES)).decode()


def changed(stored: str, secret: str, at: datetime) -> str:
    """What is to be stored when ``secret`` follows: the one in use holds for a day more, one before that no longer."""
    return f"{secret} {stored.partition(' ')[0]}@{int((at + OVERLAP).timestamp())}"


def secrets_at(stored: str, at: datetime) -> tuple[str, ...]:
    """The secrets that sign at a moment, newest first."""
    newest, _, before = stored.partition(" ")
    older, _, until = before.partition("@")
    return (newest, older) if older and at.timestamp() < int(until) else (newest,)


def headers(stored: str, event_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """``webhook-id``, ``webhook-timestamp`` (seconds) and ``webhook-signature``: ``v1,`` and the base64 of the HMAC.

    For each secret that signs there is one, with a space between two.

    What is signed is ``<id>.<timestamp>.<body>``. The id is the same in every attempt, the timestamp is the attempt's.
    """
    stamp = str(int(at.timestamp()))
    signed = f"{event_id}.{stamp}.".encode() + body
    return {
        "webhook-id": event_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(_signature(secret, signed) for secret in secrets_at(stored, at)),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return f"v1,{base64.b64encode(hmac.digest(key, signed, 'sha256')).decode()}"

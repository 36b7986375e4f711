"""What goes back: callbacks (Discord, "Interaction Response Structure") and HTTP answers, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from json import dumps
from typing import Any

Json = dict[str, Any]

MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
CALLBACK_OF_KIND: Mapping[str, int] = {"message": MESSAGE, "update": UPDATE, "choices": CHOICES, "modal": MODAL}
_EPHEMERAL = 64
_COMPONENTS_V2 = 32768
_TEXT_DISPLAY = 10

PONG: Json = {"type": 1}
NO_CHOICES: Json = {"type": CHOICES, "data": {"choices": []}}

OLD_BUTTON = "This button is from an older version; run the command again to get a fresh one."
UNKNOWN_COMMAND = "This command is from an older version; reload Discord (Ctrl+R) and pick it from the list again."
PRESS_AGAIN = "That took too long to open; please press again."
NOT_TAKEN = "I could not take that just now, and nothing was stored; please try again in a moment."
BROKEN = "Something went wrong on our side; please try again in a moment."


def private(text: str) -> Json:
    """A message that only the person sees."""
    data = {
        "flags": _EPHEMERAL | _COMPONENTS_V2,
        "components": [{"type": _TEXT_DISPLAY, "content": text}],
        "allowed_mentions": {"parse": []},
    }
    return {"type": MESSAGE, "data": data}


def deferred(deferral: int) -> Json:
    """The answer that promises one: type 5 "thinking…", private always, or type 6, which shows nothing."""
    if deferral == DEFERRED_UPDATE:
        return {"type": DEFERRED_UPDATE}
    return {"type": DEFERRED_MESSAGE, "data": {"flags": _EPHEMERAL}}


def http(status: int, document: Mapping[str, Any]) -> Json:
    """The response of an HTTP API (payload 1.0 and 2.0), a function URL or a load balancer."""
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": dumps(document, separators=(",", ":")),
    }

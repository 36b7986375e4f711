"""The one place where a message gets its ``allowed_mentions`` and flags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

EPHEMERAL = 1 << 6
IS_COMPONENTS_V2 = 1 << 15
PINGS = "pings"
"""Our own key in ``data``: ``{"roles": [id, …], "users": [id, …]}`` may be notified; nobody else, whatever the text."""


def message(data: Mapping[str, Any], *, private: bool = False) -> dict[str, Any]:
    """``data`` as Discord takes it: mentions closed but for its ``pings``, Components V2 flagged, private if asked.

    Discord's default would let a channel message notify everyone (Discord reference, "Allowed Mentions Object").
    """
    body = {name: value for name, value in data.items() if name not in {PINGS, "allowed_mentions"}}
    pings = data.get(PINGS) or {}
    allowed: dict[str, Any] = {"parse": []}
    for kind in ("roles", "users"):
        if pings.get(kind):
            allowed[kind] = [str(snowflake) for snowflake in pings[kind]]
    flags = int(body.get("flags", 0))
    if "components" in body and not body.get("content") and not body.get("embeds"):
        flags |= IS_COMPONENTS_V2
    if private:
        flags |= EPHEMERAL
    if flags:
        body["flags"] = flags
    return {**body, "allowed_mentions": allowed}


def edit(data: Mapping[str, Any]) -> dict[str, Any]:
    """As :func:`message`, for a message that is there already: whether it is private cannot change any more."""
    body = message(data)
    if "flags" in body:
        body["flags"] &= ~EPHEMERAL
    return body

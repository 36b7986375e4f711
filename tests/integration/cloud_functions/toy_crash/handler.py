"""Fails as the event says."""

from __future__ import annotations

import os
from typing import Any


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    if event.get("how") == "exit":
        os._exit(3)
    if event.get("how") == "raise":
        raise ValueError("as asked")
    if event.get("how") == "not json":
        return {"value": {1, 2}}
    return {"process": os.getpid()}

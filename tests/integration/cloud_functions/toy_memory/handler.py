"""Takes so many megabytes."""

from __future__ import annotations

from typing import Any


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    return {"bytes": len(bytearray(b"x") * (event["megabytes"] << 20))}

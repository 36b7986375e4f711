"""Prints a line, prints JSON, and logs."""

from __future__ import annotations

import json
import logging
from typing import Any

logger = logging.getLogger(__name__)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    print("plain words")  # noqa: T201
    print(json.dumps({"counted": event["count"]}))  # noqa: T201
    logger.info("logged", extra={"count": event["count"]})
    return {"ok": True}

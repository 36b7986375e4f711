"""Invokes another function, over the environment's own way or over boto3."""

from __future__ import annotations

import json
from typing import Any

from dbsbm.environment import current


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    payload = event["payload"]
    answer = current().invoke(
        event["function"],
        payload,
        asynchronous=event.get("asynchronous", False),
        timeout_s=event.get("timeout_s", 3.0),
    )
    return {"answer": json.loads(json.dumps(answer))}

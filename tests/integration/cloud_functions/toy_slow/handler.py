"""Takes as long as the event says, on the environment's clock or the machine's."""

from __future__ import annotations

import time
from typing import Any

from dbsbm.environment import current


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    if event.get("spin"):
        while True:
            time.sleep(0.05)
    current().clock.sleep(event["seconds"])
    return {"slept": event["seconds"]}

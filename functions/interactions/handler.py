"""POST /discord/interactions."""

from __future__ import annotations

import os
import time
from typing import Any

from interactions.front_door import FrontDoor

_OFFSET_FILE = os.environ.get("DBSBM_CLOCK_FILE")
"""Set by the local cloud alone, which can travel in time (``core.clock.ShiftedClock``)."""
_built: list[FrontDoor] = []


def handler(event: object, context: Any = None) -> dict[str, Any]:
    """Answer one HTTP event with the front door of this process."""
    if not _built:
        _built.append(FrontDoor.from_environ(os.environ, now=_shifted if _OFFSET_FILE else time.time))
    return _built[0](event, getattr(context, "aws_request_id", ""))


def _shifted() -> float:
    from dbsbm.core.clock import environment_clock  # noqa: PLC0415 — never in the real cloud

    return environment_clock().now().timestamp()

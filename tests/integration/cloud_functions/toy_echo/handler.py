"""Gives back what it got, and what it sees around it."""

from __future__ import annotations

import os
from typing import Any


def handler(event: Any, context: Any) -> dict[str, Any]:
    return {
        "event": event,
        "request_id": context.aws_request_id,
        "arn": context.invoked_function_arn,
        "remaining_ms": context.get_remaining_time_in_millis(),
        "process": os.getpid(),
        "variables": sorted(os.environ),
        "colour": os.environ.get("COLOUR"),
        "bucket": os.environ.get("BUCKET"),
    }

"""Says that it has begun and waits until a file appears."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    folder = Path(event["folder"])
    (folder / f"begun-{context.aws_request_id}").touch()
    while not (folder / "open").exists():
        time.sleep(0.005)
    return {"done": True}

"""A worker with everything: a row written once per event, an outside call, a nudge."""

from __future__ import annotations

from typing import Any

from dbsbm.core.http import HttpRequest
from dbsbm.environment import current


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    environment = current()
    with environment.database.transaction() as session:
        session.execute("INSERT IGNORE INTO toy_entries (entry_id, amount) VALUES (%s, %s)", (event["id"], 5))
        session.execute("INSERT IGNORE INTO toy_audit (entry_id) VALUES (%s)", (event["id"],))
    environment.transport(HttpRequest("PUT", f"http://outside.invalid/entries/{event['id']}", body=b"5"))
    environment.invoke("toy_echo", {"id": event["id"]}, asynchronous=True, timeout_s=1.0)
    return {"stored": event["id"]}

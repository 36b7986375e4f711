"""Invoked by operators: names people in a data set of theirs, and releases a month without anybody in it.

``{"name": {"dataset", "user"}}`` → ``{"pseudonym"}``; ``{"release": {"month": "2026-11"}}`` → ``{"rows", "k", "attack",
"totals"}``, or an error where the gate does not open. How many rows were held back stays here; sums have noise. Who may
invoke is IAM's to say, and who did stands in CloudTrail. The way back from a pseudonym is ``/compliance reveal``, where
Discord says who asks and who agrees.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from dbsbm.anonymity.dataset.month import month
from dbsbm.anonymity.pseudonym import pseudonym
from dbsbm.core.invocation import watched
from dbsbm.environment import Environment, current

_STATEMENT_S = 20.0


@watched
def handler(event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
    """One of both."""
    environment = current()
    if "release" in event:
        return {"v": 1, **_released(environment, str(event["release"]["month"]))}
    said = event["name"]
    return {"v": 1, "pseudonym": pseudonym(environment.index.named, str(said["dataset"]), int(said["user"]))}


def _released(environment: Environment, text: str) -> dict[str, Any]:
    with environment.database.read(statement_s=_STATEMENT_S) as session:
        told = month(session, date.fromisoformat(f"{text}-01"), environment.index.keyed)
    gone, rows = told.released, [dict(row) for row in told.released.rows]
    return {"rows": rows, "k": gone.k, "attack": gone.attack, "totals": dict(told.totals)}

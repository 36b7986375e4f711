"""Invoked by operators: a month under pseudonyms, for themselves, and a month without anybody in it, for others.

``{"name": {"month": "2026-11", "after": ""}}`` → ``{"rows", "after"}``: everybody who bet, under a pseudonym; the next
page is past ``after``, "" at the end. ``{"release": {"month": "2026-11"}}`` → ``{"rows", "k", "attack", "totals"}``.
How many rows the gate held back stays here; sums have noise.

Nobody can ask for the name of one person: the way back is ``/compliance reveal`` alone, where Discord says who asks and
who agrees. The audit log has an event of whatever left; who invoked stands in CloudTrail (``infra/cdk/trail.py``), as
Lambda does not tell the function.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from dbsbm.anonymity.attack import Attack
from dbsbm.anonymity.dataset.month import NAMED_PAGE, month, named_month
from dbsbm.audit.events import Kind, Subject
from dbsbm.audit.repository import AuditRepository
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
    return {"v": 1, **_named(environment, str(said["month"]), str(said.get("after", "")))}


def _released(environment: Environment, text: str) -> dict[str, Any]:
    with environment.database.read(statement_s=_STATEMENT_S) as session:
        told = month(session, date.fromisoformat(f"{text}-01"), environment.index.keyed)
    gone, rows = told.released, [dict(row) for row in told.released.rows]
    _note(environment, text, "released", len(rows))
    return {"rows": rows, "k": gone.k, "attack": _attack(gone.attack), "totals": dict(told.totals)}


def _attack(tried: Attack) -> dict[str, Any]:
    """``found``: how surely one person's row is picked; ``told``: by column, how often it is guessed with the row's
    class known, and without."""
    told = {name: [round(share, 3) for share in shares] for name, shares in tried.told.items()}
    return {"found": round(tried.found, 3), "told": told}


def _named(environment: Environment, text: str, after: str) -> dict[str, Any]:
    with environment.database.read(statement_s=_STATEMENT_S) as session:
        rows = named_month(session, date.fromisoformat(f"{text}-01"), environment.index.named, after)
    _note(environment, text, "named", len(rows))
    last = rows[-1]["pseudonym"] if len(rows) == NAMED_PAGE else ""
    return {"rows": [dict(row) for row in rows], "after": last}


def _note(environment: Environment, text: str, form: str, rows: int) -> None:
    """Before it leaves: what cannot be noted does not."""
    subject, details = Subject(f"month:{text}"), {"form": form, "rows": rows}
    environment.database.run(lambda session: AuditRepository(session, 0).append(Kind.DATA_SET, subject, details))

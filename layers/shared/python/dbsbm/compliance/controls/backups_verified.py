"""A backup nobody ever brought back is a hope."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from dbsbm.compliance.judging import broken, hours, moment, none_yet, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], at: datetime) -> Verdict:
    if not content["backups"]:
        return none_yet(content, at, timedelta(days=8))
    if content["verified_at"] is None:
        return broken(f"None of the newest {content['looked']} backups was brought back whole.")
    old = at - moment(content["verified_at"])
    said = f"A backup was brought back whole {hours(old)} ago."
    return satisfied(said) if old <= timedelta(days=8) else broken(said)


CONTROL = Control(
    "backups-verified",
    title="A backup was brought back and compared within eight days",
    expected=(
        "Of the newest eight backups one was restored beside the schema in use and every row compared, "
        "within eight days."
    ),
    priority=Priority.CRITICAL,
    source=Source.LIVE,
    evidence="backups",
    maps=mapped(
        "gdpr 32(1)(c) partial; gdpr 32(1)(d) partial; soc2 A1.3 partial; soc2 CC7.5 partial; "
        "hipaa 164.308(a)(7)(ii)(D) partial; iso A.8.13 partial; iso A.5.30 partial; "
        "nist CP-9(1) partial; nist CP-4 supporting; sox ITGC-CO partial"
    ),
    evaluate=_judge,
)

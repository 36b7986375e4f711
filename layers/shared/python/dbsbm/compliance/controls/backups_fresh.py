"""A backup that stopped is found here before it is needed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from dbsbm.compliance.judging import broken, hours, moment, none_yet, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], at: datetime) -> Verdict:
    if not content["backups"]:
        return none_yet(content, at, timedelta(hours=26))
    old = at - moment(content["newest_at"])
    said = f"Backups: {content['backups']}; the newest is {hours(old)} old."
    return satisfied(said) if old <= timedelta(hours=26) else broken(said)


CONTROL = Control(
    "backups-fresh",
    title="The newest backup of our own is no older than 26 hours",
    expected="The newest manifest in the bucket backups is of the last 26 hours.",
    priority=Priority.CRITICAL,
    source=Source.LIVE,
    evidence="backups",
    maps=mapped(
        "gdpr 32(1)(c) partial; soc2 A1.2 partial; pci 10.3.3 supporting; "
        "hipaa 164.308(a)(7)(ii)(A) partial; iso A.8.13 partial; nist CP-9 partial; sox ITGC-CO partial"
    ),
    evaluate=_judge,
)

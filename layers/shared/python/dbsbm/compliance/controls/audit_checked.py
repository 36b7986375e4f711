"""The check goes through rows, tiles and checkpoints, in rounds from the first leaf to the last."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from dbsbm.compliance.judging import broken, moment, nothing, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped

_WITHIN = timedelta(days=9)


def _judge(content: Mapping[str, Any], at: datetime) -> Verdict:
    if not content["signed_nine_days_ago"]:
        return nothing("The log is younger than nine days.")
    since, signed = content.get("checked_since"), content["signed_nine_days_ago"]
    if since is None:  # evidence of before rounds were written down shows none either
        return broken("No round of the check is known to have gone from the first entry to the last.")
    said = f"The last whole round began {since[:16]} and saw {content['checked']} entries; "
    said += f"nine days ago {signed} were signed."
    return satisfied(said) if content["checked"] >= signed and at - moment(since) <= _WITHIN else broken(said)


CONTROL = Control(
    "audit-checked",
    title="The audit log was gone through within nine days",
    expected="Everything that was signed nine days ago has been looked at since, all of it in one round.",
    priority=Priority.HIGH,
    source=Source.DATA,
    evidence="audit",
    maps=mapped(
        "gdpr 5(2) supporting; soc2 CC4.1 supporting; pci 10.3.2 supporting; "
        "hipaa 164.312(c)(2) partial; iso A.8.15 supporting; nist SI-7 partial; nist AU-6 supporting; "
        "sox ITGC-CO supporting"
    ),
    evaluate=_judge,
)

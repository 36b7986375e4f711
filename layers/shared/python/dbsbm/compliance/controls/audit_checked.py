"""The weekly check goes through rows, tiles and checkpoints."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import broken, nothing, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    if not content["signed_nine_days_ago"]:
        return nothing("The log is younger than nine days.")
    said = f"{content['checked']} entries are checked; nine days ago {content['signed_nine_days_ago']} were signed."
    return satisfied(said) if content["checked"] >= content["signed_nine_days_ago"] else broken(said)


CONTROL = Control(
    "audit-checked",
    title="The audit log was gone through within nine days",
    expected="Everything that was signed nine days ago has been checked since.",
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

"""Who tries a door that is not theirs is seen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import broken, nothing, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    if not content["events"]:
        return nothing("The log has no event yet.")
    unknown = content["unknown_kinds"]
    if unknown:
        return broken(f"{len(unknown)} kinds of the newest events are not the product's: {', '.join(unknown[:3])}.")
    return satisfied(f"The newest {content['newest']} events are all of kinds the product has.")


CONTROL = Control(
    "refusals-noted",
    title="Refused rights are in the audit log",
    expected="Refusals are recorded; none of the last month has another kind than the log knows.",
    priority=Priority.LOW,
    source=Source.DATA,
    evidence="audit",
    maps=mapped(
        "gdpr 32(1)(d) supporting; soc2 CC7.2 supporting; pci 10.2.1 supporting; "
        "hipaa 164.308(a)(1)(ii)(D) supporting; iso A.8.15 supporting; nist AU-2 supporting; "
        "nist AU-12 supporting"
    ),
    evaluate=_judge,
)

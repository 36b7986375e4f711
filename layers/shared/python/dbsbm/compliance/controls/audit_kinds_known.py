"""Whoever reads the log has to know what each of its events means.

That refused rights are written down is not seen in evidence: the tests of the product show it.
"""

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
        return broken(f"Kinds among the newest events that are not the product's: {', '.join(unknown[:3])}.")
    return satisfied(f"Newest events looked at, all of kinds the product has: {content['newest']}.")


CONTROL = Control(
    "audit-kinds-known",
    title="The audit log has events of known kinds alone",
    expected="None of the newest 500 events is of a kind that the product does not write.",
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

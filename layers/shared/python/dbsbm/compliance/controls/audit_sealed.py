"""Until it is in the tree, an event can be changed unseen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import broken, moment, nothing, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], at: datetime) -> Verdict:
    if not content["events"]:
        return nothing("The log has no event yet.")
    if content["waiting_since"] is None:
        return satisfied("No event waits.")
    waited = int((at - moment(content["waiting_since"])).total_seconds() // 60)
    said = f"The oldest event has waited {waited} min."
    return satisfied(said) if waited < 15 else broken(said)


CONTROL = Control(
    "audit-sealed",
    title="Events are in the audit log's tree within 15 minutes",
    expected="The oldest event that waits is younger than 15 minutes.",
    priority=Priority.CRITICAL,
    source=Source.DATA,
    evidence="audit",
    maps=mapped(
        "gdpr 5(2) partial; gdpr 5(1)(f) partial; soc2 CC7.2 partial; pci 10.3.2 partial; "
        "hipaa 164.312(b) partial; iso A.8.15 partial; nist AU-10 partial; nist AU-9(3) supporting; "
        "sox ITGC-CO supporting"
    ),
    evaluate=_judge,
)

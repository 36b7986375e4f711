"""The assessment is generated; that somebody stands behind it is not. What was signed holds for its inventory alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.attested import INVENTORY, STATEMENTS, judged
from dbsbm.compliance.judging import broken
from dbsbm.compliance.model import Control, Priority, Source, State, Verdict, mapped

_ID, _DAYS = "impact-assessment-signed", 365


def _judge(content: Mapping[str, Any], at: datetime) -> Verdict:
    verdict = judged(content, at, control_id=_ID, days=_DAYS)
    if verdict.state is not State.SATISFIED or content[_ID].get(INVENTORY) == content.get(INVENTORY):
        return verdict  # evidence of before statements were for one inventory names neither
    return broken(f"The inventory of data was changed after {content[_ID]['at'][:10]}, when it was signed.")


CONTROL = Control(
    _ID,
    title="The privacy impact assessment was signed within the year",
    expected="It describes the inventory of today, and an operator has signed this one and no other.",
    priority=Priority.HIGH,
    source=Source.PERSON,
    evidence=STATEMENTS,
    maps=mapped(
        "gdpr 35(1) partial; gdpr 35(7) partial; soc2 CC3.2 partial; "
        "hipaa 164.308(a)(1)(ii)(A) supporting; iso A.5.34 partial; nist RA-8 partial; "
        "nist RA-3 supporting"
    ),
    evaluate=_judge,
)

"""The month of the GDPR, and the 45 days of the CCPA behind it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import broken, nothing, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    if not content["erasures"]:
        return nothing("Nobody has asked for an erasure.")
    said = f"Open erasures: {content['erasures_open']}; past their day: {content['erasures_late']}."
    return broken(said) if content["erasures_late"] else satisfied(said)


CONTROL = Control(
    "erasures-in-time",
    title="Erasures are done before their legal day",
    expected="No erasure is open past the day by which the person has to be answered.",
    priority=Priority.CRITICAL,
    source=Source.DATA,
    evidence="privacy",
    maps=mapped(
        "gdpr 17(1) partial; gdpr 12(3) partial; ccpa 1798.105(c) partial; ccpa 1798.130(a)(2) partial; "
        "soc2 P4.3 partial; soc2 C1.2 partial; iso A.8.10 partial; iso A.5.34 partial; "
        "nist SI-12(3) partial"
    ),
    evaluate=_judge,
)

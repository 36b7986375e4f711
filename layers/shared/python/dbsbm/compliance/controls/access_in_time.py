"""A copy is given at once, in parts; one that is begun and left is the person's own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import broken, nothing, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    if not content["copies"]:
        return nothing("Nobody has asked for a copy.")
    said = f"Copies asked for: {content['copies']}; without any part: {content['copies_without_part']}."
    return broken(said) if content["copies_without_part"] else satisfied(said)


CONTROL = Control(
    "access-in-time",
    title="Requests for a copy are answered at once",
    expected="Every request for a copy had its first part with the request; none is a month old without one.",
    priority=Priority.HIGH,
    source=Source.DATA,
    evidence="privacy",
    maps=mapped(
        "gdpr 15(3) partial; gdpr 20(1) partial; gdpr 12(3) partial; ccpa 1798.110(a) partial; "
        "ccpa 1798.130(a)(2) partial; soc2 P5.1 partial; iso A.5.34 supporting; nist SI-18(4) partial"
    ),
    evaluate=_judge,
)

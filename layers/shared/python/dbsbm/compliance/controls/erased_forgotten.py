"""What is done must not keep the number of whom it was done for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import broken, nothing, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    if not content["erasures_done"]:
        return nothing("No erasure was done yet.")
    said = f"Finished erasures: {content['erasures_done']}; with a number still: {content['erasures_named']}."
    return broken(said) if content["erasures_named"] else satisfied(said)


CONTROL = Control(
    "erased-forgotten",
    title="Requests that are done no longer say whose they were",
    expected="No finished erasure holds a person's number.",
    priority=Priority.HIGH,
    source=Source.DATA,
    evidence="privacy",
    maps=mapped(
        "gdpr 5(1)(c) partial; gdpr 5(1)(e) partial; ccpa 1798.105(c) supporting; soc2 C1.2 supporting; "
        "iso A.5.34 supporting; nist SI-12(3) supporting"
    ),
    evaluate=_judge,
)

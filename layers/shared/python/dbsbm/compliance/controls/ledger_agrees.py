"""The records that people are shown are the sums of the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import broken, nothing, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    if not content["communities"]:
        return nothing("No community has a graded bet.")
    said = f"Records added up anew: {content['cappers']}, communities: {content['communities']}"
    if content["different"]:
        return broken(f"{said}; that differ: {content['different']}.")
    return satisfied(f"{said}; all agree.")


CONTROL = Control(
    "ledger-agrees",
    title="Records agree with the ledger",
    expected="For the communities looked at, the kept sums equal the ledger's own.",
    priority=Priority.CRITICAL,
    source=Source.DATA,
    evidence="ledger",
    maps=mapped(
        "gdpr 5(1)(d) supporting; soc2 PI1.3 partial; soc2 PI1.4 supporting; iso A.8.26 supporting; "
        "nist SI-7 partial; sox ITAC full"
    ),
    evaluate=_judge,
)

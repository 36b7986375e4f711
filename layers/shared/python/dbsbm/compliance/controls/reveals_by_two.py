"""A pseudonym is led back for a case, by two people, for a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import broken, nothing, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    if not content["reveals"]:
        return nothing("No pseudonym was ever led back.")
    said = f"Reveals: {content['reveals']}; by one person: {content['alone']}; shown too long: {content['shown_long']}."
    return broken(said) if content["alone"] or content["shown_long"] else satisfied(said)


CONTROL = Control(
    "reveals-by-two",
    title="Pseudonyms are led back by two people and hidden again",
    expected="In no reveal did one person ask and approve, and none stands for more than two days.",
    priority=Priority.CRITICAL,
    source=Source.DATA,
    evidence="keys",
    maps=mapped(
        "gdpr 25(1) partial; gdpr 32(1)(b) supporting; soc2 CC5.1 supporting; iso A.5.3 supporting; "
        "iso A.8.11 partial; nist AC-5 supporting; nist SI-19 partial"
    ),
    evaluate=_judge,
)

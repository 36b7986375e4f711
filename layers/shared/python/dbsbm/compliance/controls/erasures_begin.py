"""A request that never begins is late long before its legal day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import broken, nothing, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    if not content["erasures"]:
        return nothing("Nobody has asked for an erasure.")
    said = f"Erasures that wait more than a day past their beginning: {content['erasures_stuck']}."
    return broken(said) if content["erasures_stuck"] else satisfied(said)


CONTROL = Control(
    "erasures-begin",
    title="Erasures begin when their time to reconsider is over",
    expected="No erasure waits a day past the moment it was to begin.",
    priority=Priority.HIGH,
    source=Source.DATA,
    evidence="privacy",
    maps=mapped(
        "gdpr 17(1) supporting; gdpr 12(3) supporting; ccpa 1798.105(c) supporting; "
        "soc2 P4.3 supporting; iso A.8.10 supporting; nist SI-12(3) supporting"
    ),
    evaluate=_judge,
)

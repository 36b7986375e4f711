"""What failed for good waits for a person instead of vanishing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import beside, each, of_type, ours
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    kept = {
        beside(name, had["FunctionName"])
        for name, had, _ in of_type(content, "AWS::Lambda::EventInvokeConfig")
        if had.get("DestinationConfig", {}).get("OnFailure")
    }
    invoked = [(name, name in kept) for name, _ in ours(content)]
    queues = [
        (name, bool(had.get("SqsManagedSseEnabled") or had.get("KmsMasterKeyId")))
        for name, had, _ in of_type(content, "AWS::SQS::Queue")
    ]
    return each(
        [name for name, _ in invoked + queues],
        [name for name, right in invoked + queues if not right],
        "functions and queues",
    )


CONTROL = Control(
    "failures-kept",
    title="Work that failed for good is kept",
    expected="Every function has a destination for what it fails at for good; every queue is encrypted.",
    priority=Priority.MEDIUM,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped("soc2 PI1.3 supporting; iso A.8.15 supporting; nist CP-10 supporting; sox ITGC-CO supporting"),
    evaluate=_judge,
)

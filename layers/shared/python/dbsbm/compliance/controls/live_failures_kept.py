"""Nobody looks at a failure that SQS threw away over a long weekend."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import each
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    wrong = [name for name, seen in content.items() if seen["days"] < 14]
    return each(sorted(content), wrong, "queues", "what SQS was asked for")


CONTROL = Control(
    "live-failures-kept",
    title="Work that failed for good waits 14 days, as SQS says itself",
    expected="GetQueueAttributes shows a MessageRetentionPeriod of 14 days for every queue of the product.",
    priority=Priority.MEDIUM,
    source=Source.LIVE,
    evidence="queues",
    maps=mapped(
        "soc2 PI1.3 supporting; iso A.8.15 supporting; nist CP-10 supporting; nist CM-6 supporting; "
        "sox ITGC-CO supporting"
    ),
    evaluate=_judge,
    fix="sqs.retention",
)

"""What waits in a queue is encrypted there, as SQS says itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import each
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    wrong = [name for name, seen in content.items() if not seen["encrypted"]]
    return each(sorted(content), wrong, "queues", "what SQS was asked for")


CONTROL = Control(
    "live-queues-encrypted",
    title="Queues are encrypted, as SQS says itself",
    expected="GetQueueAttributes shows a key, or encryption by SQS, for every queue of the product.",
    priority=Priority.HIGH,
    source=Source.LIVE,
    evidence="queues",
    maps=mapped(
        "gdpr 32(1)(a) partial; soc2 CC6.1 supporting; pci 3.5.1 supporting; "
        "hipaa 164.312(a)(2)(iv) supporting; iso A.8.24 supporting; nist SC-28(1) partial; nist CM-6 supporting"
    ),
    evaluate=_judge,
    fix="sqs.encryption",
)

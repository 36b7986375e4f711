"""KMS makes a new key of each name in time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import each, of_type
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    found = [
        (name, had)
        for name, had, _ in of_type(content, "AWS::KMS::Key")
        if had.get("KeySpec", "SYMMETRIC_DEFAULT") == "SYMMETRIC_DEFAULT"  # KMS rotates no other kind
    ]
    wrong = [
        name
        for name, had in found
        if had.get("EnableKeyRotation") is not True or int(had.get("RotationPeriodInDays", 365)) > 90
    ]
    return each([name for name, _ in found], wrong, "symmetric keys")


CONTROL = Control(
    "keys-rotate",
    title="Keys are rotated at least every 90 days",
    expected="Every symmetric KMS key has rotation on, with a period of 90 days or less.",
    priority=Priority.HIGH,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped(
        "gdpr 32(1)(a) supporting; soc2 CC6.1 supporting; pci 3.7.4 partial; "
        "hipaa 164.312(a)(2)(iv) supporting; iso A.8.24 partial; nist SC-12 partial"
    ),
    evaluate=_judge,
)

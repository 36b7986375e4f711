"""Rotation can be turned off by hand afterwards: this asks KMS itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import each
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    wrong = [name for name, seen in content.items() if not seen["on"] or (seen["days"] or 90) > 90]
    return each(sorted(content), wrong, "keys that KMS rotates", "what KMS was asked for")


CONTROL = Control(
    "live-keys-rotate",
    title="The key of backups is rotated, as KMS says itself",
    expected=(
        "GetKeyRotationStatus shows rotation on, every 90 days or sooner, for the key that seals backups. The stage's "
        "other keys are judged by their templates: keys-rotate."
    ),
    priority=Priority.HIGH,
    source=Source.LIVE,
    evidence="kms",
    maps=mapped(
        "gdpr 32(1)(a) supporting; soc2 CC6.1 supporting; pci 3.7.4 partial; "
        "hipaa 164.312(a)(2)(iv) supporting; iso A.8.24 partial; nist SC-12 partial; nist CM-6 supporting"
    ),
    evaluate=_judge,
    fix="kms.rotation",
)

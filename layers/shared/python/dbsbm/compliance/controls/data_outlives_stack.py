"""Taking a stack away takes no data with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import each, of_type
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    found = list(of_type(content, "AWS::S3::Bucket", "AWS::SecretsManager::Secret", "AWS::KMS::Key"))
    return each(
        [name for name, *_ in found],
        [name for name, _, whole in found if whole.get("DeletionPolicy") != "Retain"],
        "buckets, keys and secrets",
    )


CONTROL = Control(
    "data-outlives-stack",
    title="Buckets, keys and secrets outlive their stack",
    expected="Every bucket and secret is retained when the stack goes, and every key too.",
    priority=Priority.MEDIUM,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped("gdpr 32(1)(b) supporting; soc2 A1.2 supporting; iso A.8.13 supporting; nist CP-9 supporting"),
    evaluate=_judge,
)

"""Every bucket says with what it encrypts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import each, of_type
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    found = list(of_type(content, "AWS::S3::Bucket"))
    kinds = {name: _algorithms(had) for name, had, _ in found}
    wrong = [name for name in kinds if not kinds[name] or (kinds[name] != {"aws:kms"} and "AccessLogs" not in name)]
    return each(list(kinds), wrong, "buckets")


def _algorithms(had: Mapping[str, Any]) -> set[str]:
    rules = had.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", [])
    return {rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] for rule in rules}


CONTROL = Control(
    "buckets-encrypted",
    title="Buckets encrypt what is put into them",
    expected="Every bucket has a default encryption; all but the one for access logs use KMS.",
    priority=Priority.HIGH,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped(
        "gdpr 32(1)(a) partial; soc2 CC6.1 partial; pci 3.5.1 supporting; "
        "hipaa 164.312(a)(2)(iv) partial; iso A.8.24 partial; nist SC-28(1) partial"
    ),
    evaluate=_judge,
)

"""What lies in the cache for a moment is kept as the rest is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import each, of_type
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    found = list(of_type(content, "AWS::ElastiCache::ServerlessCache", "AWS::ElastiCache::ReplicationGroup"))
    wrong = [
        name
        for name, had, whole in found
        if not had.get("KmsKeyId")
        or (whole["Type"].endswith("ReplicationGroup") and had.get("TransitEncryptionEnabled") is not True)
    ]
    return each([name for name, *_ in found], wrong, "caches")


CONTROL = Control(
    "cache-encrypted",
    title="The cache is encrypted with our own key and in transit",
    expected="Serverless caches have a KmsKeyId (they speak TLS alone); others have both kinds of encryption.",
    priority=Priority.HIGH,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped(
        "gdpr 32(1)(a) partial; soc2 CC6.7 supporting; pci 4.2.1 supporting; "
        "hipaa 164.312(e)(2)(ii) partial; iso A.8.24 partial; nist SC-8(1) partial; nist SC-28(1) partial"
    ),
    evaluate=_judge,
)

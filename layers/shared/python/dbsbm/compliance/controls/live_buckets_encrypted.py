"""What S3 does with an object that comes without a word about encryption."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import each
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    return each(
        sorted(content),
        [name for name, seen in content.items() if not seen["encryption"]],
        "buckets",
        "what S3 was asked for",
    )


CONTROL = Control(
    "live-buckets-encrypted",
    title="Buckets encrypt, as S3 says itself",
    expected="GetBucketEncryption names an algorithm for every bucket of the product.",
    priority=Priority.HIGH,
    source=Source.LIVE,
    evidence="buckets",
    maps=mapped(
        "gdpr 32(1)(a) partial; soc2 CC6.1 supporting; pci 3.5.1 supporting; "
        "hipaa 164.312(a)(2)(iv) supporting; iso A.8.24 supporting; nist SC-28(1) partial"
    ),
    evaluate=_judge,
)

"""A version that was written over can be read again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import each
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    wrong = [name for name, seen in content.items() if seen["versioning"] != "Enabled"]
    return each(sorted(content), wrong, "buckets", "what S3 was asked for")


CONTROL = Control(
    "live-buckets-versioned",
    title="Buckets keep versions, as S3 says itself",
    expected="GetBucketVersioning says Enabled for every bucket of the product.",
    priority=Priority.HIGH,
    source=Source.LIVE,
    evidence="buckets",
    maps=mapped(
        "gdpr 32(1)(c) supporting; soc2 A1.2 supporting; soc2 PI1.5 supporting; pci 10.3.4 supporting; "
        "hipaa 164.312(c)(1) supporting; iso A.8.13 supporting; nist CP-9 supporting"
    ),
    evaluate=_judge,
    fix="s3.versioning",
)

"""What the template says can be changed by hand afterwards: this asks S3 itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import BLOCKS, each
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    wrong = [name for name, seen in content.items() if not all(seen["public_access"].get(block) for block in BLOCKS)]
    return each(sorted(content), wrong, "buckets", "what S3 was asked for")


CONTROL = Control(
    "live-buckets-private",
    title="Buckets block public access, as S3 says itself",
    expected="GetPublicAccessBlock shows all four blocks on every bucket of the product.",
    priority=Priority.CRITICAL,
    source=Source.LIVE,
    evidence="buckets",
    maps=mapped(
        "gdpr 25(2) partial; gdpr 32(1)(b) supporting; soc2 CC6.1 partial; pci 1.4.4 supporting; "
        "hipaa 164.312(a)(1) partial; iso A.8.3 partial; nist AC-3 partial; nist CM-6 supporting"
    ),
    evaluate=_judge,
    fix="s3.public_access",
)

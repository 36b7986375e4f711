"""Who read what lies in a bucket is noted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import each, of_type
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    found = [(name, had) for name, had, _ in of_type(content, "AWS::S3::Bucket") if "AccessLogs" not in name]
    return each(
        [name for name, _ in found], [name for name, had in found if not had.get("LoggingConfiguration")], "buckets"
    )


CONTROL = Control(
    "buckets-logged",
    title="Access to buckets is logged",
    expected="Every bucket but the one that holds the logs writes access logs.",
    priority=Priority.MEDIUM,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped(
        "gdpr 32(1)(d) supporting; soc2 CC7.2 supporting; pci 10.2.1 supporting; "
        "hipaa 164.312(b) partial; iso A.8.15 partial; nist AU-12 partial"
    ),
    evaluate=_judge,
)

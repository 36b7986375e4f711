"""No object goes over a line that others read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import each, listed, of_type
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    named = [name for name, *_ in of_type(content, "AWS::S3::Bucket")]
    guarded = {
        f"{name.partition('/')[0]}/{had['Bucket']['Ref']}"
        for name, had, _ in of_type(content, "AWS::S3::BucketPolicy")
        if any(_denies(statement) for statement in listed(had["PolicyDocument"]["Statement"]))
    }
    return each(named, [name for name in named if name not in guarded], "buckets")


def _denies(statement: Mapping[str, Any]) -> bool:
    without = statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport")
    return statement["Effect"] == "Deny" and str(without).lower() == "false" and "s3:*" in listed(statement["Action"])


CONTROL = Control(
    "buckets-tls",
    title="Buckets refuse requests in the clear",
    expected="Every bucket has a policy that denies what comes without TLS.",
    priority=Priority.HIGH,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped(
        "gdpr 32(1)(a) partial; soc2 CC6.7 partial; pci 4.2.1 supporting; hipaa 164.312(e)(1) partial; "
        "iso A.8.24 partial; nist SC-8(1) partial; nist AU-9(3) supporting"
    ),
    evaluate=_judge,
)

"""The signed checkpoints of the audit log cannot be taken back within the year."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import broken, nothing, of_type, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    found = {name: had for name, had, _ in of_type(content, "AWS::S3::Bucket")}
    if not found:
        return nothing("There is no bucket in the deployed template.")
    days = [_days(had) for name, had in found.items() if "checkpoints" in name.lower()]
    if not days:
        return broken(f"None of {len(found)} buckets is the one for checkpoints.")
    said = f"The bucket for checkpoints is locked for {min(days)} days."
    return satisfied(said) if min(days) >= 365 else broken(said)


def _days(had: Mapping[str, Any]) -> int:
    if had.get("ObjectLockEnabled") is not True:
        return 0
    rule = had.get("ObjectLockConfiguration", {}).get("Rule", {}).get("DefaultRetention", {})
    return int(rule.get("Days", 0)) + 365 * int(rule.get("Years", 0))


CONTROL = Control(
    "checkpoints-locked",
    title="What proves the audit log is locked for at least a year",
    expected="The bucket checkpoints has Object Lock with a default retention of 365 days or more.",
    priority=Priority.CRITICAL,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped(
        "gdpr 5(2) partial; soc2 PI1.5 partial; pci 10.3.4 partial; hipaa 164.312(c)(1) partial; "
        "iso A.5.33 partial; nist AU-9 partial; sox ITGC-CO supporting"
    ),
    evaluate=_judge,
)

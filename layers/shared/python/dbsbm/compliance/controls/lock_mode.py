"""Governance leaves a way out to whoever may bypass it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import each, of_type
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    locked = [
        (name, had) for name, had, _ in of_type(content, "AWS::S3::Bucket") if had.get("ObjectLockEnabled") is True
    ]
    wrong = [name for name, had in locked if _mode(had) != "COMPLIANCE"]
    return each([name for name, _ in locked], wrong, "buckets with Object Lock")


def _mode(had: Mapping[str, Any]) -> str:
    rule = had.get("ObjectLockConfiguration", {}).get("Rule", {}).get("DefaultRetention", {})
    return str(rule.get("Mode", "none"))


CONTROL = Control(
    "lock-mode",
    title="Locked buckets cannot be unlocked by anybody",
    expected="Every Object Lock is in COMPLIANCE mode.",
    priority=Priority.LOW,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped("pci 10.3.4 partial; iso A.5.33 supporting; nist AU-9 supporting"),
    evaluate=_judge,
)

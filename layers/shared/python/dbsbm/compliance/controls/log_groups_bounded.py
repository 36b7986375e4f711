"""Logs are encrypted, and none is kept for ever because nobody said how long."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import each, log_groups
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    found, without = log_groups(content)
    wrong = [name for name, had in found if not had.get("RetentionInDays") or not had.get("KmsKeyId")]
    return each([*(name for name, _ in found), *without], [*wrong, *without], "log groups and functions without one")


CONTROL = Control(
    "log-groups-bounded",
    title="Logs are encrypted and have an end",
    expected="Every function has a log group, and every log group a retention and a KmsKeyId.",
    priority=Priority.MEDIUM,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped(
        "gdpr 5(1)(e) partial; soc2 CC7.2 supporting; pci 10.3.2 supporting; "
        "hipaa 164.312(b) supporting; iso A.8.15 partial; nist AU-11 partial"
    ),
    evaluate=_judge,
)

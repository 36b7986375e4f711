"""Secrets Manager knows when the value in use was put in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import each, moment
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped
from dbsbm.keys.ages.model import LONGEST


def _judge(content: Mapping[str, Any], at: datetime) -> Verdict:
    held = {name: seen["changed_at"] for name, seen in content.items() if seen["changed_at"]}
    wrong = [name for name, changed in held.items() if at - moment(changed) >= LONGEST]
    return each(sorted(held), wrong, "secrets with a value", "Secrets Manager")


CONTROL = Control(
    "live-secrets-age",
    title="No secret is older than 90 days",
    expected="ListSecretVersionIds shows that every value in use was put in within 90 days.",
    priority=Priority.HIGH,
    source=Source.LIVE,
    evidence="secrets",
    maps=mapped(
        "gdpr 32(1)(b) supporting; soc2 CC6.1 partial; pci 8.6.3 partial; "
        "hipaa 164.308(a)(5)(ii)(D) supporting; iso A.5.17 partial; nist IA-5(1) partial; "
        "sox ITGC-APD partial"
    ),
    evaluate=_judge,
)

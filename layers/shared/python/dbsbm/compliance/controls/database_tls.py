"""The server refuses a connection in the clear."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import each, of_type
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    found = list(of_type(content, "AWS::RDS::DBParameterGroup", "AWS::RDS::DBClusterParameterGroup"))
    wrong = [
        name
        for name, had, _ in found
        if had.get("Parameters", {}).get("require_secure_transport") not in ("ON", "1", 1)
    ]
    return each([name for name, *_ in found], wrong, "parameter groups")


CONTROL = Control(
    "database-tls",
    title="The database takes encrypted connections alone",
    expected="require_secure_transport is ON in every parameter group.",
    priority=Priority.CRITICAL,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped(
        "gdpr 32(1)(a) partial; soc2 CC6.7 partial; pci 4.2.1 supporting; hipaa 164.312(e)(1) partial; "
        "iso A.8.24 partial; nist SC-8(1) full"
    ),
    evaluate=_judge,
)

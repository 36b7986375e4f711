"""Nobody reaches the database from the internet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import each, of_type
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    found = list(of_type(content, "AWS::RDS::DBInstance"))
    return each(
        [name for name, *_ in found],
        [name for name, had, _ in found if had.get("PubliclyAccessible") is not False],
        "database instances",
    )


CONTROL = Control(
    "database-private",
    title="The database has no public address",
    expected="No database instance is PubliclyAccessible.",
    priority=Priority.CRITICAL,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped(
        "gdpr 32(1)(b) partial; soc2 CC6.6 partial; pci 1.4.4 supporting; hipaa 164.312(a)(1) partial; "
        "iso A.8.20 partial; nist SC-7 partial; sox ITGC-APD supporting"
    ),
    evaluate=_judge,
)

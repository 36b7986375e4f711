"""The loss of one zone is no loss of the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import each, of_type
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    found = list(of_type(content, "AWS::RDS::DBInstance"))
    clustered = [name for name, had, _ in found if "DBClusterIdentifier" in had]
    wrong = [
        name
        for name, had, _ in found
        if had.get("MultiAZ") is not True
        and "SourceDBInstanceIdentifier" not in had  # a read replica is itself the second place
        and not (name in clustered and len(clustered) > 1)
    ]
    return each([name for name, *_ in found], wrong, "database instances")


CONTROL = Control(
    "database-available",
    title="The database stands in more than one zone",
    expected="Every database instance has MultiAZ, or is one of a cluster with at least two.",
    priority=Priority.MEDIUM,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped(
        "gdpr 32(1)(b) partial; soc2 A1.2 partial; hipaa 164.308(a)(7)(i) partial; iso A.8.14 partial; "
        "nist CP-10 partial; sox ITGC-CO supporting"
    ),
    evaluate=_judge,
)

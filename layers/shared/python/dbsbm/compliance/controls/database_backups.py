"""What the database's own service keeps, to go back to any second."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import each, of_type
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    found = list(of_type(content, "AWS::RDS::DBInstance", "AWS::RDS::DBCluster"))
    own = [
        (name, had)
        for name, had, _ in found
        if "DBClusterIdentifier" not in had and "SourceDBInstanceIdentifier" not in had
    ]
    return each(
        [name for name, _ in own],
        [name for name, had in own if int(had.get("BackupRetentionPeriod", 1)) < 7],
        "databases",
    )


CONTROL = Control(
    "database-backups",
    title="The database keeps its own backups for at least a week",
    expected="BackupRetentionPeriod is 7 days or more.",
    priority=Priority.HIGH,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped(
        "gdpr 32(1)(c) partial; soc2 A1.2 partial; pci 10.3.3 supporting; "
        "hipaa 164.308(a)(7)(ii)(A) partial; iso A.8.13 partial; nist CP-9 partial; sox ITGC-CO partial"
    ),
    evaluate=_judge,
)

"""A slip of the hand does not delete the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import each, of_type
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    found = list(of_type(content, "AWS::RDS::DBInstance", "AWS::RDS::DBCluster"))
    own = [
        (name, had, whole)
        for name, had, whole in found
        if "DBClusterIdentifier" not in had and "SourceDBInstanceIdentifier" not in had
    ]
    wrong = [
        name
        for name, had, whole in own
        if had.get("DeletionProtection") is not True or whole.get("DeletionPolicy") not in ("Retain", "Snapshot")
    ]
    return each([name for name, *_ in own], wrong, "databases")


CONTROL = Control(
    "database-protected",
    title="The database is protected against deletion",
    expected="Databases have DeletionProtection and are kept, or a snapshot taken, when the stack goes.",
    priority=Priority.HIGH,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped(
        "gdpr 32(1)(b) partial; soc2 A1.2 partial; hipaa 164.308(a)(7)(i) supporting; "
        "iso A.8.13 supporting; nist CP-9 supporting; sox ITGC-CO supporting"
    ),
    evaluate=_judge,
)

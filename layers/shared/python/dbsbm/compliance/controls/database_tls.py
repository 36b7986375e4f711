"""The server refuses a connection in the clear."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import beside, each, of_type
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    demanding = {
        name
        for name, had, _ in of_type(content, "AWS::RDS::DBParameterGroup", "AWS::RDS::DBClusterParameterGroup")
        if had.get("Parameters", {}).get("require_secure_transport") in ("ON", "1", 1)
    }
    groups = {
        name: beside(name, had.get("DBParameterGroupName") or had.get("DBClusterParameterGroupName"))
        for name, had, _ in of_type(content, "AWS::RDS::DBInstance", "AWS::RDS::DBCluster")
        # The instances of a cluster have its group, a replica without one that of its source.
        if "DBClusterIdentifier" not in had
        and not ("SourceDBInstanceIdentifier" in had and "DBParameterGroupName" not in had)
    }
    return each(list(groups), [name for name, group in groups.items() if group not in demanding], "databases")


CONTROL = Control(
    "database-tls",
    title="The database takes encrypted connections alone",
    expected="Every database has a parameter group with require_secure_transport ON.",
    priority=Priority.CRITICAL,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped(
        "gdpr 32(1)(a) partial; soc2 CC6.7 partial; pci 4.2.1 supporting; hipaa 164.312(e)(1) partial; "
        "iso A.8.24 partial; nist SC-8(1) full"
    ),
    evaluate=_judge,
)

"""The database's disk, its snapshots and logs, under a key of ours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import each, of_type
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    found = list(of_type(content, "AWS::RDS::DBInstance", "AWS::RDS::DBCluster"))
    # A cluster's instances have no storage of their own, a replica has the key of its source.
    stored = [
        (name, had)
        for name, had, _ in found
        if "DBClusterIdentifier" not in had and "SourceDBInstanceIdentifier" not in had
    ]
    wrong = [name for name, had in stored if had.get("StorageEncrypted") is not True or not had.get("KmsKeyId")]
    return each([name for name, _ in stored], wrong, "database storage")


CONTROL = Control(
    "database-encrypted",
    title="Database storage is encrypted with our own key",
    expected="Every database instance or cluster has StorageEncrypted and a KmsKeyId.",
    priority=Priority.CRITICAL,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped(
        "gdpr 32(1)(a) partial; soc2 CC6.1 partial; pci 3.5.1 supporting; "
        "hipaa 164.312(a)(2)(iv) partial; iso A.8.24 partial; nist SC-28(1) full; "
        "ccpa 1798.100(e) supporting; sox ITGC-APD supporting"
    ),
    evaluate=_judge,
)

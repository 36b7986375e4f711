"""A copy that outlives the instance and its own backups."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import broken, nothing, of_type, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    if not list(of_type(content, "AWS::RDS::DBInstance", "AWS::RDS::DBCluster")):
        return nothing("There is no database in the deployed template.")
    keyed = [name for name, had, _ in of_type(content, "AWS::Backup::BackupVault") if had.get("EncryptionKeyArn")]
    rules = [
        rule
        for _, had, _ in of_type(content, "AWS::Backup::BackupPlan")
        for rule in had["BackupPlan"]["BackupPlanRule"]
        if rule.get("ScheduleExpression")
    ]
    if not keyed or not rules:
        return broken(f"Vaults with a key: {len(keyed)}; scheduled rules: {len(rules)}.")
    return satisfied(f"{len(rules)} scheduled rules write into {len(keyed)} vaults with a key.")


CONTROL = Control(
    "backup-vault",
    title="Copies of the database are kept in an encrypted vault of their own",
    expected="A backup plan with a schedule writes into a vault with a key.",
    priority=Priority.HIGH,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped(
        "gdpr 32(1)(c) partial; soc2 A1.2 partial; hipaa 164.308(a)(7)(ii)(A) partial; "
        "iso A.8.13 partial; nist CP-9(8) partial"
    ),
    evaluate=_judge,
)

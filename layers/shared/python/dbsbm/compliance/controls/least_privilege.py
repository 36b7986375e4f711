"""Roles name what they may do and on what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import each, listed, of_type
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    policies = list(of_type(content, "AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::RolePolicy"))
    roles = list(of_type(content, "AWS::IAM::Role"))
    wrong = [name for name, had, _ in policies if _wide(had)]
    wrong += [
        name
        for name, had, _ in roles
        if any(map(_wide, had.get("Policies", []))) or any(map(_not_for_a_service, had.get("ManagedPolicyArns", [])))
    ]
    return each([name for name, *_ in policies + roles], wrong, "policies and roles")


_OF_SERVICES = (
    "AmazonRDSEnhancedMonitoringRole",
    "AWSBackupServiceRolePolicyForBackup",
    "AWSCodeDeployRoleForLambdaLimited",
)
"""AWS's own policies that a role may have: each for one service of AWS, which asks for it by name."""


def _not_for_a_service(arn: Any) -> bool:
    """A policy that AWS wrote; ours are references, and judged where they stand."""
    said = json.dumps(arn)
    return ":policy/" in said and not said.rstrip('"]} ').endswith(_OF_SERVICES)


def _wide(had: Mapping[str, Any]) -> bool:
    return any(_too_wide(statement) for statement in listed(had["PolicyDocument"]["Statement"]))


_NOWHERE_NARROWER = ("ec2:", "xray:", "cloudwatch:PutMetricData", "codedeploy:")
"""Network interfaces of functions, traces, and metrics: AWS knows no resource for them."""


def _too_wide(statement: Mapping[str, Any]) -> bool:
    if statement["Effect"] != "Allow":
        return False
    actions = [str(action) for action in listed(statement.get("Action", "*"))]
    if any(action == "*" or action.endswith(":*") for action in actions):
        return True
    anywhere = "*" in listed(statement.get("Resource", "*"))
    return anywhere and not all(action.startswith(_NOWHERE_NARROWER) for action in actions)


CONTROL = Control(
    "least-privilege",
    title="No role may do everything, or something to everything",
    expected=(
        "No policy, none inside a role, allows the action *, and the resource * only where AWS knows nothing narrower; "
        "no role has a policy of AWS but what a service of AWS asks for."
    ),
    priority=Priority.CRITICAL,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped(
        "gdpr 25(2) partial; soc2 CC6.3 partial; pci 7.2.5 partial; hipaa 164.308(a)(4)(ii)(B) partial; "
        "iso A.8.2 partial; nist AC-6 partial; sox ITGC-APD partial"
    ),
    evaluate=_judge,
)

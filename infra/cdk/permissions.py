"""What a function's role may do: the catalog's permits, and what follows from where it runs and what it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import aws_iam as iam

from infra.catalog import Function, Permit, Ref
from infra.grants import on_objects

ANYWHERE = {
    "ec2:CreateNetworkInterface": "network interfaces have no name before they exist",
    "ec2:DescribeNetworkInterfaces": "EC2 knows no resources for it",
    "ec2:DeleteNetworkInterface": "Lambda names them itself",
    "ec2:AssignPrivateIpAddresses": "as above",
    "ec2:UnassignPrivateIpAddresses": "as above",
    "ec2:DescribeSubnets": "EC2 knows no resources for it",
    "ec2:DescribeSecurityGroups": "EC2 knows no resources for it",
    "ec2:DescribeVpcs": "EC2 knows no resources for it",
    "xray:PutTraceSegments": "X-Ray knows no resources for it",
    "xray:PutTelemetryRecords": "X-Ray knows no resources for it",
}
"""Every action that is allowed on ``*``, and why it cannot be narrower."""


@dataclass(frozen=True, slots=True)
class References:
    """What ``Ref``s stand for: a value for environment variables, an ARN for permissions; keyed ``kind:name``.

    Versions are added as their functions are built. ``region``, the keys, ``database_users`` (by the setting with their
    address) and ``cache`` are what permissions that nobody writes down need.
    """

    values: dict[str, str]
    arns: dict[str, str]
    region: str
    secrets_key: str
    data_key: str
    database_users: Mapping[str, str]
    cache: Sequence[str]

    def value(self, item: str | Ref) -> str:
        return item if isinstance(item, str) else self.values[f"{item.kind}:{item.name}"]

    def resources(self, permit: Permit) -> list[str]:
        arn = self.arns[f"{permit.resource.kind}:{permit.resource.name}"]
        return [f"{arn}/*"] if on_objects(permit) else [arn]


def statements(function: Function, references: References, *, log_group: str, failed: str) -> list[iam.PolicyStatement]:
    """Policy of ``function``; ``log_group`` and ``failed`` are the ARNs of its log group and of the failure queue."""
    allowed = [
        iam.PolicyStatement(actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[log_group]),
        iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[failed]),
        iam.PolicyStatement(actions=_anywhere("xray:"), resources=["*"]),
    ]
    allowed += [
        iam.PolicyStatement(actions=list(permit.actions), resources=references.resources(permit))
        for permit in function.permits
    ]
    if any("secretsmanager:PutSecretValue" in permit.actions for permit in function.permits):
        allowed.append(_through(references, "secretsmanager", "kms:GenerateDataKey", references.secrets_key))
    done = {action for permit in function.permits for action in permit.actions}
    if "secretsmanager:GetSecretValue" in done:
        allowed.append(_through(references, "secretsmanager", "kms:Decrypt", references.secrets_key))
    if "s3:PutObject" in done:
        allowed.append(_through(references, "s3", "kms:GenerateDataKey", references.data_key))
    if "s3:GetObject" in done:
        allowed.append(_through(references, "s3", "kms:Decrypt", references.data_key))
    address = function.environment.get("DATABASE_URL")
    if isinstance(address, Ref):
        user = references.database_users[address.name]
        allowed.append(iam.PolicyStatement(actions=["rds-db:connect"], resources=[user]))
    if "REDIS_URL" in function.environment:
        allowed.append(iam.PolicyStatement(actions=["elasticache:Connect"], resources=list(references.cache)))
    if function.network == "data":
        allowed.append(iam.PolicyStatement(actions=_anywhere("ec2:"), resources=["*"]))
    return allowed


def _anywhere(prefix: str) -> list[str]:
    return [action for action in ANYWHERE if action.startswith(prefix)]


def _through(references: References, service: str, action: str, key: str) -> iam.PolicyStatement:
    """Use ``key`` only through ``service``, never directly."""
    via = {"kms:ViaService": f"{service}.{references.region}.amazonaws.com"}
    return iam.PolicyStatement(actions=[action], resources=[key], conditions={"StringEquals": via})

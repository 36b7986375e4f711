"""One KMS key for each class of data, so that who may read one cannot read the others."""

from __future__ import annotations

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.cdk.stage import Stage

ROTATION_DAYS = 90


class Keys(Construct):
    """``data``: database, cache, feeds. ``secrets``: Secrets Manager. ``operations``: logs and alarms."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self.data = self._build_key("Data", f"dbsbm {stage.name}: database, cache and feeds")
        self.secrets = self._build_key("Secrets", f"dbsbm {stage.name}: secrets")
        self.operations = self._build_key("Operations", f"dbsbm {stage.name}: logs and alarms")
        self._admit_services()

    def _build_key(self, name: str, description: str) -> kms.Key:
        return kms.Key(
            self,
            name,
            description=description,
            enable_key_rotation=True,
            rotation_period=Duration.days(ROTATION_DAYS),
        )

    def _admit_services(self) -> None:
        """CloudWatch Logs and alarms use the key in their own name; nobody else's log group may use it."""
        stack = Stack.of(self)
        log_groups = f"arn:{stack.partition}:logs:{stack.region}:{stack.account}:log-group:*"
        self.operations.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com")],
                actions=[
                    "kms:Encrypt",
                    "kms:Decrypt",
                    "kms:ReEncryptFrom",
                    "kms:ReEncryptTo",
                    "kms:GenerateDataKey",
                    "kms:GenerateDataKeyWithoutPlaintext",
                    "kms:DescribeKey",
                ],
                resources=["*"],
                conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}},
            )
        )
        self.operations.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[
                    iam.ServicePrincipal("cloudwatch.amazonaws.com"),
                    iam.ServicePrincipal("budgets.amazonaws.com"),
                ],
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=["*"],
                conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
            )
        )

"""One KMS key for each class of data, so that who may read one cannot read the others."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.catalog import EncryptionKey, SigningKey
from infra.cdk.stage import Stage

ROTATION_DAYS = 90


class Keys(Construct):
    """``data``: database, cache, feeds. ``secrets``: Secrets Manager. ``operations``: logs and alarms.

    ``named``: the catalog's own, by name.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        catalog: Sequence[SigningKey | EncryptionKey] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        self.data = self._build_key("Data", f"dbsbm {stage.name}: database, cache and feeds")
        self.secrets = self._build_key("Secrets", f"dbsbm {stage.name}: secrets")
        self.operations = self._build_key("Operations", f"dbsbm {stage.name}: logs and alarms")
        self.named = {key.name: self._build_named_key(key, stage) for key in catalog}
        self._admit_services()

    def _build_key(self, name: str, description: str) -> kms.Key:
        return kms.Key(
            self,
            name,
            description=description,
            enable_key_rotation=True,
            rotation_period=Duration.days(ROTATION_DAYS),
        )

    def _build_named_key(self, key: SigningKey | EncryptionKey, stage: Stage) -> kms.Alias:
        if isinstance(key, SigningKey):
            return self._build_signing_key(key, stage)
        return self._build_encryption_key(key, stage)

    def _build_signing_key(self, key: SigningKey, stage: Stage) -> kms.Alias:
        """The alias of the newest; each stays, also when the stack goes: what it signed is checked with it."""
        made = [
            kms.Key(
                self,
                f"Signing-{key.name}" if number == 1 else f"Signing-{key.name}-{number}",
                description=f"dbsbm {stage.name}: {key.description}",
                key_spec=kms.KeySpec.ECC_NIST_P256,
                key_usage=kms.KeyUsage.SIGN_VERIFY,
                removal_policy=RemovalPolicy.RETAIN,
            )
            for number in range(1, key.generation + 1)
        ]
        return kms.Alias(
            self, f"Alias-{key.name}", alias_name=f"alias/dbsbm-{stage.name}-{key.name}", target_key=made[-1]
        )

    def _build_encryption_key(self, key: EncryptionKey, stage: Stage) -> kms.Alias:
        """It stays when the stack goes: what was sealed under it is lost without it."""
        made = kms.Key(
            self,
            f"Encryption-{key.name}",
            description=f"dbsbm {stage.name}: {key.description}",
            enable_key_rotation=True,
            rotation_period=Duration.days(ROTATION_DAYS),
            removal_policy=RemovalPolicy.RETAIN,
        )
        return made.add_alias(f"dbsbm-{stage.name}-{key.name}")

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

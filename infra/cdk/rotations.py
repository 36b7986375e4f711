"""Secrets Manager changes what we make ourselves every 80 days, by the functions that the catalog names."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.catalog import ROTATION_DAYS, Catalog
from infra.cdk.functions import CatalogFunction


class Rotations(Construct):
    """Each begins with a first change at once, so that a fresh secret's filling becomes a value of ours."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        catalog: Catalog,
        functions: Mapping[str, CatalogFunction],
        secrets: Mapping[str, secretsmanager.ISecret],
    ) -> None:
        super().__init__(scope, construct_id)
        for secret in catalog.secrets:
            if secret.rotated_by:
                self._build(secret.name, functions[secret.rotated_by], secrets[secret.name])

    def _build(self, name: str, function: CatalogFunction, secret: secretsmanager.ISecret) -> None:
        permission = lambda_.CfnPermission(
            self,
            f"Permission-{name}",
            action="lambda:InvokeFunction",
            function_name=function.alias.function_arn,
            principal="secretsmanager.amazonaws.com",
            source_account=Stack.of(self).account,
            source_arn=secret.secret_arn,
        )
        schedule = secretsmanager.CfnRotationSchedule(
            self,
            f"Schedule-{name}",
            secret_id=secret.secret_arn,
            rotation_lambda_arn=function.alias.function_arn,
            rotate_immediately_on_update=True,
            rotation_rules=secretsmanager.CfnRotationSchedule.RotationRulesProperty(
                automatically_after_days=ROTATION_DAYS
            ),
        )
        schedule.add_dependency(permission)

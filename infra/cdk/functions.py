"""One function of the catalog: role, log group, version, alias ``live``, failure queue, canary."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.catalog import Function
from infra.cdk.network import Network
from infra.cdk.options import Options
from infra.cdk.permissions import References, statements
from infra.cdk.stage import Stage

RETENTION = {
    14: logs.RetentionDays.TWO_WEEKS,
    30: logs.RetentionDays.ONE_MONTH,
    90: logs.RetentionDays.THREE_MONTHS,
}


class CatalogFunction(Construct):
    """``alias`` is what every trigger and caller names; CodeDeploy's hook alone is called without one."""

    def __init__(
        self,
        scope: Construct,
        function: Function,
        *,
        stage: Stage,
        options: Options,
        network: Network,
        code: lambda_.Code,
        layers: Mapping[str, lambda_.ILayerVersion],
        references: References,
        failed: sqs.IQueue,
        log_key: kms.IKey,
    ) -> None:
        super().__init__(scope, f"Function-{function.name}")
        self.spec = function
        self.full_name = f"dbsbm-{stage.name}-{function.name}"
        log_group = logs.LogGroup(
            self,
            "Logs",
            log_group_name=f"/dbsbm/{stage.name}/{function.name}",
            retention=RETENTION[stage.log_days],
            encryption_key=log_key,
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.role = self._build_role(references, log_group, failed)
        self.function = self._build_function(
            stage, log_group, options=options, network=network, code=code, layers=layers, references=references
        )
        self.alias = lambda_.Alias(
            self,
            "Live",
            alias_name="live",
            version=self.function.current_version,
            retry_attempts=function.retries,
            max_event_age=Duration.seconds(function.max_age_s),
            on_failure=destinations.SqsDestination(failed),
        )

    def _build_function(
        self,
        stage: Stage,
        log_group: logs.ILogGroup,
        *,
        options: Options,
        network: Network,
        code: lambda_.Code,
        layers: Mapping[str, lambda_.ILayerVersion],
        references: References,
    ) -> lambda_.Function:
        function = self.spec
        inside = function.network == "data"
        return lambda_.Function(
            self,
            "Function",
            function_name=self.full_name,
            description=function.description,
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            code=code,
            current_version_options=lambda_.VersionOptions(
                removal_policy=RemovalPolicy.RETAIN,  # what live may be taken back to; ./dev deploy clears old ones
            ),
            handler=f"{function.name}.handler.handler",
            layers=[layers[name] for name in function.layers],
            memory_size=function.memory_mb,
            timeout=Duration.seconds(function.timeout_s),
            reserved_concurrent_executions=function.concurrency if options.reserve else None,
            environment={
                **{name: references.value(value) for name, value in function.environment.items()},
                "DBSBM_STAGE": stage.name,
                "DBSBM_FUNCTION": function.name,
                "DBSBM_FUNCTION_PREFIX": f"dbsbm-{stage.name}-",
            },
            role=self.role.without_policy_updates(),  # all it may do stands in permissions.py
            log_group=log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            tracing=lambda_.Tracing.ACTIVE,
            vpc=network.vpc if inside else None,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS) if inside else None,
            security_groups=[network.functions] if inside else None,
        )

    def _build_role(self, references: References, log_group: logs.ILogGroup, failed: sqs.IQueue) -> iam.Role:
        policy = iam.ManagedPolicy(
            self,
            "Policy",
            description=f"What {self.full_name} may do",
            statements=statements(self.spec, references, log_group=log_group.log_group_arn, failed=failed.queue_arn),
        )
        return iam.Role(
            self,
            "Role",
            role_name=self.full_name,
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            managed_policies=[policy],
        )

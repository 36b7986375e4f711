"""One function of the catalog: role, log group, version, alias ``live``, triggers' target, alarms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.catalog import Function, Permit, Ref
from infra.cdk.network import Network
from infra.cdk.stage import Stage

FUNCTIONS = Path(__file__).parents[2] / "functions"
RETENTION = {
    14: logs.RetentionDays.TWO_WEEKS,
    30: logs.RetentionDays.ONE_MONTH,
    90: logs.RetentionDays.THREE_MONTHS,
}


@dataclass(frozen=True, slots=True)
class References:
    """What ``Ref``s stand for: a value for environment variables, an ARN for permissions; keyed ``kind:name``."""

    values: Mapping[str, str]
    arns: Mapping[str, str]

    def value(self, item: str | Ref) -> str:
        return item if isinstance(item, str) else self.values[f"{item.kind}:{item.name}"]

    def resources(self, permit: Permit) -> list[str]:
        arn = self.arns[f"{permit.resource.kind}:{permit.resource.name}"]
        return [f"{arn}/*"] if permit.resource.kind == "bucket" else [arn]


class CatalogFunction(Construct):
    """``alias`` is what every trigger and caller names; nothing points at $LATEST."""

    def __init__(
        self,
        scope: Construct,
        function: Function,
        *,
        stage: Stage,
        network: Network,
        layers: Mapping[str, lambda_.ILayerVersion],
        references: References,
        failed: sqs.IQueue,
    ) -> None:
        super().__init__(scope, f"Function-{function.name}")
        self.spec = function
        full_name = f"dbsbm-{stage.name}-{function.name}"
        log_group = logs.LogGroup(
            self,
            "Logs",
            log_group_name=f"/dbsbm/{stage.name}/{function.name}",
            retention=RETENTION[stage.log_days],
            removal_policy=RemovalPolicy.DESTROY,
        )
        inside = function.network == "data"
        self.role = self._build_role(full_name, log_group, references, inside=inside)
        lambda_function = lambda_.Function(
            self,
            "Function",
            function_name=full_name,
            description=function.description,
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            code=lambda_.Code.from_asset(
                str(FUNCTIONS), exclude=["*", f"!{function.name}", f"!{function.name}/**", "**/__pycache__"]
            ),
            handler=f"{function.name}.handler.handler",
            layers=[layers[name] for name in function.layers],
            memory_size=function.memory_mb,
            timeout=Duration.seconds(function.timeout_s),
            reserved_concurrent_executions=function.concurrency,
            environment={
                **{name: references.value(value) for name, value in function.environment.items()},
                "DBSBM_STAGE": stage.name,
                "DBSBM_FUNCTION": function.name,
                "DBSBM_FUNCTION_PREFIX": f"dbsbm-{stage.name}-",
            },
            role=self.role,
            log_group=log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            vpc=network.vpc if inside else None,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS) if inside else None,
            security_groups=[network.functions] if inside else None,
        )
        self.alias = lambda_.Alias(
            self,
            "Live",
            alias_name="live",
            version=lambda_function.current_version,
            retry_attempts=function.retries,
            max_event_age=Duration.seconds(function.max_age_s),
            on_failure=destinations.SqsDestination(failed),
        )
        self._build_alarms(full_name)

    def _build_role(
        self, full_name: str, log_group: logs.ILogGroup, references: References, *, inside: bool
    ) -> iam.Role:
        role = iam.Role(self, "Role", role_name=full_name, assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log_group.grant_write(role)
        for permit in self.spec.permits:
            role.add_to_policy(
                iam.PolicyStatement(actions=list(permit.actions), resources=references.resources(permit))
            )
        if inside:  # network interfaces cannot be named before they exist: AWS asks for "*" here
            role.add_managed_policy(
                iam.ManagedPolicy.from_aws_managed_policy_name("service-role/AWSLambdaVPCAccessExecutionRole")
            )
        return role

    def _build_alarms(self, full_name: str) -> None:
        metrics = {
            "errors": (self.alias.metric_errors(period=Duration.minutes(5)), 1),
            "throttles": (self.alias.metric_throttles(period=Duration.minutes(5)), 1),
            "duration": (
                self.alias.metric_duration(period=Duration.minutes(5), statistic="p99"),
                self.spec.timeout_s * 800,
            ),
        }
        for name in self.spec.alarms:
            metric, threshold = metrics[name]
            cloudwatch.Alarm(
                self,
                f"Alarm-{name}",
                alarm_name=f"{full_name}-{name}",
                metric=metric,
                threshold=threshold,
                evaluation_periods=1,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )

"""What calls the functions: the HTTP API and EventBridge Scheduler."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

from aws_cdk import CfnOutput, RemovalPolicy
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from infra.catalog import EventRule, HttpRoute, Schedule
from infra.cdk.functions import RETENTION, CatalogFunction
from infra.cdk.options import Options
from infra.cdk.stage import Stage

RATE_PER_S, BURST = 100, 200
_ACCESS_LOG = {
    "requestId": "$context.requestId",
    "time": "$context.requestTimeEpoch",
    "route": "$context.routeKey",
    "status": "$context.status",
    "latency_ms": "$context.responseLatency",
    "integration_error": "$context.integrationErrorMessage",
    "bytes": "$context.responseLength",
}


class HttpApi(Construct):
    """One HTTP API, payload 2.0, throttled, with an access log that holds no header and no body."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        options: Options,
        functions: Mapping[str, CatalogFunction],
        log_key: kms.IKey,
    ) -> None:
        super().__init__(scope, construct_id)
        self.api = apigateway.HttpApi(
            self,
            "Api",
            api_name=f"dbsbm-{stage.name}",
            create_default_stage=False,
            disable_execute_api_endpoint=bool(options.domain) and not options.edge,
        )
        log_group = logs.LogGroup(
            self,
            "AccessLog",
            retention=RETENTION[stage.log_days],
            encryption_key=log_key,
            removal_policy=RemovalPolicy.DESTROY,
        )
        default = apigateway.HttpStage(
            self,
            "Stage",
            http_api=self.api,
            stage_name="$default",
            auto_deploy=True,
            throttle=apigateway.ThrottleSettings(rate_limit=RATE_PER_S, burst_limit=BURST),
            domain_mapping=None if options.edge else self._build_domain(options),
        )
        resource = cast(apigateway.CfnStage, default.node.default_child)
        resource.access_log_settings = apigateway.CfnStage.AccessLogSettingsProperty(
            destination_arn=log_group.log_group_arn, format=json.dumps(_ACCESS_LOG)
        )
        for function in functions.values():
            for route in function.spec.triggers:
                if isinstance(route, HttpRoute):
                    self.api.add_routes(
                        path=route.path,
                        methods=[apigateway.HttpMethod[route.method]],
                        integration=HttpLambdaIntegration(f"To-{function.spec.name}", function.alias),
                    )
        self.url = f"https://{options.domain}" if options.domain else self.api.api_endpoint

    def _build_domain(self, options: Options) -> apigateway.DomainMappingOptions | None:
        """A name of the operator's own; the DNS record that points at it stays in the operator's hands."""
        if not options.domain:
            return None
        name = apigateway.DomainName(
            self,
            "Domain",
            domain_name=options.domain,
            certificate=acm.Certificate.from_certificate_arn(self, "Certificate", options.certificate_arn),
            security_policy=apigateway.SecurityPolicy.TLS_1_2,
        )
        CfnOutput(self, "DomainTarget", value=name.regional_domain_name, description="CNAME of the domain")
        return apigateway.DomainMappingOptions(domain_name=name)


class Schedules(Construct):
    """Each schedule has a maximum age and a queue for what could not be delivered.

    One role calls what is scheduled and nothing else: a role for each would take a tenth of what a stack may hold.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        functions: Mapping[str, CatalogFunction],
        failed: sqs.IQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        self._failed = failed
        scheduled = [
            (function, index, trigger)
            for function in functions.values()
            for index, trigger in enumerate(function.spec.triggers)
            if isinstance(trigger, Schedule)
        ]
        role = self._build_role(sorted({function.alias.function_arn for function, _, _ in scheduled}))
        for function, index, trigger in scheduled:
            self._build_schedule(f"{function.spec.name}-{index}", trigger, function, stage, role)

    def _build_role(self, aliases: list[str]) -> iam.Role:
        statements = [
            iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=aliases),
            iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[self._failed.queue_arn]),
        ]
        return iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com"),
            managed_policies=[iam.ManagedPolicy(self, "Policy", statements=statements)],
        )

    def _build_schedule(
        self, name: str, trigger: Schedule, function: CatalogFunction, stage: Stage, role: iam.IRole
    ) -> None:
        scheduler.CfnSchedule(
            self,
            f"Schedule-{name}",
            name=f"dbsbm-{stage.name}-{name}",
            schedule_expression=trigger.expression,
            schedule_expression_timezone=trigger.timezone,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=function.alias.function_arn,
                role_arn=role.role_arn,
                input='{"source":"schedule","scheduled_time":"<aws.scheduler.scheduled-time>"}',
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=trigger.max_age_s, maximum_retry_attempts=2
                ),
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=self._failed.queue_arn),
            ),
        )


class EventRules(Construct):
    """Events of AWS services. EventBridge tries for a day, the function's own queue has what it gave up."""

    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, functions: Mapping[str, CatalogFunction]
    ) -> None:
        super().__init__(scope, construct_id)
        for function in functions.values():
            for trigger in function.spec.triggers:
                if isinstance(trigger, EventRule):
                    self._build_rule(trigger, function, stage)

    def _build_rule(self, trigger: EventRule, function: CatalogFunction, stage: Stage) -> None:
        """Reading a secret is an event of the kind that rules see in one state alone."""
        rule = events.CfnRule(
            self,
            f"Rule-{trigger.name}",
            name=f"dbsbm-{stage.name}-{trigger.name}",
            state="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
            event_pattern=trigger.pattern,
            targets=[events.CfnRule.TargetProperty(arn=function.alias.function_arn, id="live")],
        )
        lambda_.CfnPermission(
            self,
            f"Permission-{trigger.name}",
            action="lambda:InvokeFunction",
            function_name=function.alias.function_arn,
            principal="events.amazonaws.com",
            source_arn=rule.attr_arn,
        )

"""How a new version takes over: a tenth of the calls first, back by itself when an alarm sounds (CodeDeploy)."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.catalog import SHIFTED
from infra.cdk.functions import CatalogFunction
from infra.cdk.stage import Stage
from infra.shifting import CHECK, back_on


class Shift(Construct):
    """``alarms`` by name; each function goes back on its own errors, the front door on what people see."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        functions: Mapping[str, CatalogFunction],
        alarms: Mapping[str, cloudwatch.Alarm],
    ) -> None:
        super().__init__(scope, construct_id)
        # CodeDeploy takes no alias: it runs the newest code of the check, which is what is being deployed.
        hook = functions[CHECK].function
        application = codedeploy.LambdaApplication(self, "Application", application_name=f"dbsbm-{stage.name}")
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("codedeploy.amazonaws.com"),
            managed_policies=[
                iam.ManagedPolicy.from_aws_managed_policy_name("service-role/AWSCodeDeployRoleForLambdaLimited"),
                iam.ManagedPolicy(
                    self,
                    "MayAsk",
                    description="CodeDeploy's own policy lets it call hooks with names of its own choosing alone",
                    statements=[iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[hook.function_arn])],
                ),
            ],
        )
        for name in SHIFTED:
            codedeploy.LambdaDeploymentGroup(
                self,
                f"Group-{name}",
                deployment_group_name=name,
                application=application,
                alias=functions[name].alias,
                deployment_config=codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES,
                alarms=[alarms[alarm] for alarm in back_on(name)],
                auto_rollback=codedeploy.AutoRollbackConfig(
                    deployment_in_alarm=True, failed_deployment=True, stopped_deployment=True
                ),
                pre_hook=hook,
                role=role.without_policy_updates(),
            )

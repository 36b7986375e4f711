"""AWS Backup: a weekly copy that outlives the database instance and its own backups."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_backup as backup
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.cdk.stage import Stage

KEEP_DAYS = 35


class WeeklyBackup(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, database_arn: str, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        vault = backup.BackupVault(
            self,
            "Vault",
            backup_vault_name=f"dbsbm-{stage.name}",
            encryption_key=key,
            removal_policy=RemovalPolicy.RETAIN if stage.protected else RemovalPolicy.DESTROY,
        )
        plan = backup.BackupPlan(self, "Plan", backup_plan_name=f"dbsbm-{stage.name}", backup_vault=vault)
        plan.add_rule(
            backup.BackupPlanRule(
                rule_name="weekly",
                schedule_expression=events.Schedule.cron(week_day="SUN", hour="7", minute="0"),
                start_window=Duration.hours(1),
                completion_window=Duration.hours(6),
                delete_after=Duration.days(KEEP_DAYS),
            )
        )
        plan.add_selection("Database", resources=[backup.BackupResource.from_arn(database_arn)])

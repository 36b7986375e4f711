"""CloudTrail's record of the account: who read a secret, who changed what (``-c trail=off`` where there is one)."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_cloudtrail as cloudtrail
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.cdk.stage import Stage

KEPT_DAYS = 400


class Trail(Construct):
    """Management events of all regions, those that only read too, with digests that show a change of the record.

    Of data events those alone in which somebody invokes ``reveal``: it hands out months of people, and Lambda does not
    tell it to whom.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, key: kms.Key, access_logs: s3.IBucket
    ) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        name = f"dbsbm-{stage.name}"
        arn = f"arn:{stack.partition}:cloudtrail:{stack.region}:{stack.account}:trail/{name}"
        self._admit(key, arn)
        bucket = self._build_bucket(key, arn, access_logs)
        group = logs.LogGroup(
            self,
            "Logs",
            retention=logs.RetentionDays.THREE_MONTHS,
            encryption_key=key,
            removal_policy=RemovalPolicy.DESTROY,
        )
        trail = cloudtrail.CfnTrail(
            self,
            "Trail",
            trail_name=name,
            is_logging=True,
            s3_bucket_name=bucket.bucket_name,
            enable_log_file_validation=True,
            include_global_service_events=True,
            is_multi_region_trail=True,
            kms_key_id=key.key_arn,
            cloud_watch_logs_log_group_arn=group.log_group_arn,
            cloud_watch_logs_role_arn=self._build_role(group).role_arn,
            event_selectors=[
                cloudtrail.CfnTrail.EventSelectorProperty(
                    include_management_events=True,
                    read_write_type="All",
                    data_resources=[
                        cloudtrail.CfnTrail.DataResourceProperty(
                            type="AWS::Lambda::Function",
                            values=[
                                f"arn:{stack.partition}:lambda:{stack.region}:{stack.account}:function:{name}-reveal"
                            ],
                        )
                    ],
                )
            ],
        )
        trail.node.add_dependency(bucket)

    def _build_bucket(self, key: kms.Key, arn: str, access_logs: s3.IBucket) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            "Bucket",
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            versioned=True,
            server_access_logs_bucket=access_logs,
            server_access_logs_prefix="trail/",
            removal_policy=RemovalPolicy.RETAIN,
            lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(KEPT_DAYS))],
        )
        of_ours = {"StringEquals": {"aws:SourceArn": arn}}
        service = iam.ServicePrincipal("cloudtrail.amazonaws.com")
        bucket.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[service], actions=["s3:GetBucketAcl"], resources=[bucket.bucket_arn], conditions=of_ours
            )
        )
        bucket.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[service],
                actions=["s3:PutObject"],
                resources=[bucket.arn_for_objects(f"AWSLogs/{Stack.of(self).account}/*")],
                conditions=of_ours,
            )
        )
        return bucket

    def _build_role(self, group: logs.LogGroup) -> iam.Role:
        writes = iam.PolicyStatement(
            actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[group.log_group_arn]
        )
        return iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("cloudtrail.amazonaws.com"),
            managed_policies=[iam.ManagedPolicy(self, "Policy", statements=[writes])],
        )

    def _admit(self, key: kms.Key, arn: str) -> None:
        """CloudTrail encrypts for this trail alone ("Configure AWS KMS key policies for CloudTrail")."""
        key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("cloudtrail.amazonaws.com")],
                actions=["kms:GenerateDataKey", "kms:DescribeKey", "kms:Decrypt"],
                resources=["*"],
                conditions={"StringEquals": {"aws:SourceArn": arn}},
            )
        )

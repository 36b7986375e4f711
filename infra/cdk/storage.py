"""Buckets, queues and secrets of the catalog."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.catalog import Bucket, Catalog, Secret
from infra.cdk.keys import Keys
from infra.cdk.options import Options
from infra.cdk.stage import Stage

ACCESS_LOG_DAYS = 90


class Buckets(Construct):
    """Buckets, and the one that notes who read them."""

    def __init__(
        self, scope: Construct, construct_id: str, *, options: Options, buckets: Sequence[Bucket], keys: Keys
    ) -> None:
        super().__init__(scope, construct_id)
        self.access_logs = s3.Bucket(
            self,
            "AccessLogs",
            encryption=s3.BucketEncryption.S3_MANAGED,  # the only one S3 can deliver its access logs to
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            versioned=True,
            removal_policy=RemovalPolicy.RETAIN,
            lifecycle_rules=[
                s3.LifecycleRule(
                    expiration=Duration.days(ACCESS_LOG_DAYS), noncurrent_version_expiration=Duration.days(1)
                )
            ],
        )
        self.buckets = {bucket.name: self._build_bucket(bucket, options, keys) for bucket in buckets}

    def _build_bucket(self, bucket: Bucket, options: Options, keys: Keys) -> s3.Bucket:
        return s3.Bucket(
            self,
            f"Bucket-{bucket.name}",
            encryption=s3.BucketEncryption.KMS,
            encryption_key=keys.data,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            versioned=bucket.versioned,
            object_lock_enabled=True if bucket.locked_days else None,
            object_lock_default_retention=_retention(bucket.locked_days, options) if bucket.locked_days else None,
            server_access_logs_bucket=self.access_logs,
            server_access_logs_prefix=f"{bucket.name}/",
            removal_policy=RemovalPolicy.RETAIN,
            lifecycle_rules=[_gone_after(bucket.expire_days)] if bucket.expire_days else None,
        )


class Storage(Buckets):
    """The buckets that may be emptied, queues and secrets."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        options: Options,
        catalog: Catalog,
        keys: Keys,
    ) -> None:
        changeable = [bucket for bucket in catalog.buckets if not bucket.locked_days]
        super().__init__(scope, construct_id, options=options, buckets=changeable, keys=keys)
        self.queues = {
            queue.name: sqs.Queue(
                self,
                f"Queue-{queue.name}",
                queue_name=f"dbsbm-{stage.name}-{queue.name}",
                encryption=sqs.QueueEncryption.SQS_MANAGED,
                enforce_ssl=True,
                retention_period=Duration.days(queue.retention_days),
            )
            for queue in catalog.queues
        }
        ours = [secret for secret in catalog.secrets if not secret.made_by_rds]
        self.secrets = {secret.name: self._build_secret(secret, stage, keys) for secret in ours}

    def _build_secret(self, secret: Secret, stage: Stage, keys: Keys) -> secretsmanager.Secret:
        made = secretsmanager.Secret(
            self,
            f"Secret-{secret.name}",
            secret_name=f"dbsbm/{stage.name}/{secret.name}",
            description=secret.description,
            encryption_key=keys.secrets,
            removal_policy=RemovalPolicy.RETAIN,
        )
        if not secret.filled_by_rotation:
            # CloudFormation's random filling would pass for a value that somebody put in: the step secrets asks.
            cast(secretsmanager.CfnSecret, made.node.default_child).generate_secret_string = None
        return made


def _gone_after(days: int) -> s3.LifecycleRule:
    """What is over is hidden, and a day later there is no older version of it either, nor what was never finished."""
    return s3.LifecycleRule(
        expiration=Duration.days(days),
        noncurrent_version_expiration=Duration.days(1),
        abort_incomplete_multipart_upload_after=Duration.days(1),
    )


def _retention(days: int, options: Options) -> s3.ObjectLockRetention:
    """Governance leaves a way out to who may bypass it; compliance leaves none, not even to the account's root."""
    kept = Duration.days(days)
    return (
        s3.ObjectLockRetention.compliance(kept)
        if options.lock == "compliance"
        else s3.ObjectLockRetention.governance(kept)
    )

"""Buckets, queues and secrets of the catalog."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.catalog import Catalog
from infra.cdk.stage import Stage


class Storage(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, catalog: Catalog, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        self.buckets = {
            bucket.name: s3.Bucket(
                self,
                f"Bucket-{bucket.name}",
                encryption=s3.BucketEncryption.S3_MANAGED,
                block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
                enforce_ssl=True,
                versioned=bucket.versioned,
                removal_policy=RemovalPolicy.RETAIN,
                lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(bucket.expire_days))]
                if bucket.expire_days
                else None,
            )
            for bucket in catalog.buckets
        }
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
        self.secrets = {
            secret.name: secretsmanager.Secret(
                self,
                f"Secret-{secret.name}",
                secret_name=f"dbsbm/{stage.name}/{secret.name}",
                description=secret.description,
                encryption_key=key,
                removal_policy=RemovalPolicy.RETAIN,
            )
            for secret in catalog.secrets
        }

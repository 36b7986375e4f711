"""Copies in another region (``-c copy_key=…``): database, audit log and erasures; never the keyring.

``infra/region/copies.yaml`` makes the key and the buckets there first. A key that was shredded must be nowhere else,
so words of people are the one thing that the loss of a region takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_rds as rds
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.cdk.stage import Stage

COPIED = ("erasures", "audit", "checkpoints")
"""What a database that was brought back needs: whom to erase again, and what its log was."""


def region_of(key: str) -> str:
    """``arn:aws:kms:eu-west-1:…`` → ``eu-west-1``."""
    return key.split(":")[3]


def copy_database(database: rds.DatabaseInstance, key: str, stage: Stage) -> None:
    """RDS sends its daily snapshots and the log since, some minutes behind, and keeps them as long as at home."""
    resource = cast(rds.CfnDBInstance, database.node.default_child)
    resource.automatic_backup_replication_region = region_of(key)
    resource.automatic_backup_replication_kms_key_id = key
    resource.automatic_backup_replication_retention_period = stage.backup_days


class Copies(Construct):
    """S3 takes over each new object of these buckets into the one of that name there."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        key: str,
        buckets: Mapping[str, s3.Bucket],
        sealed_with: kms.IKey,
    ) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        copied = {bucket: f"arn:{stack.partition}:s3:::dbsbm-{stage.name}-{name}-copy-{stack.account}"
                  for name, bucket in buckets.items() if name in COPIED}  # fmt: skip
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("s3.amazonaws.com"))
        self._build_policy(role, key, copied, sealed_with)
        for bucket, target in copied.items():
            cast(s3.CfnBucket, bucket.node.default_child).replication_configuration = _to(target, key, role)

    def _build_policy(self, role: iam.Role, key: str, copied: Mapping[s3.Bucket, str], sealed_with: kms.IKey) -> None:
        """It names its role, not the other way round: the buckets name the role, and it names the buckets."""
        home, there = Stack.of(self).region, region_of(key)
        reads = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging",
                 "s3:GetObjectRetention", "s3:GetObjectLegalHold"]  # fmt: skip
        buckets = [bucket.bucket_arn for bucket in copied]
        statements = [
            iam.PolicyStatement(actions=["s3:GetReplicationConfiguration", "s3:ListBucket"], resources=buckets),
            iam.PolicyStatement(actions=reads, resources=[f"{arn}/*" for arn in buckets]),
            iam.PolicyStatement(actions=["s3:ReplicateObject"], resources=[f"{arn}/*" for arn in copied.values()]),
            _through(home, "kms:Decrypt", sealed_with.key_arn),
            _through(there, "kms:Encrypt", key),
        ]
        iam.ManagedPolicy(self, "Policy", statements=statements, roles=[role])


def _through(region: str, action: str, key: str) -> iam.PolicyStatement:
    """Use the key only through S3."""
    via = {"kms:ViaService": f"s3.{region}.amazonaws.com"}
    return iam.PolicyStatement(actions=[action], resources=[key], conditions={"StringEquals": via})


def _to(target: str, key: str, role: iam.IRole) -> s3.CfnBucket.ReplicationConfigurationProperty:
    of = s3.CfnBucket
    return of.ReplicationConfigurationProperty(
        role=role.role_arn,
        rules=[
            of.ReplicationRuleProperty(
                id="copies",
                status="Enabled",
                priority=1,
                filter=of.ReplicationRuleFilterProperty(prefix=""),
                delete_marker_replication=of.DeleteMarkerReplicationProperty(status="Disabled"),
                source_selection_criteria=of.SourceSelectionCriteriaProperty(
                    sse_kms_encrypted_objects=of.SseKmsEncryptedObjectsProperty(status="Enabled")
                ),
                destination=of.ReplicationDestinationProperty(
                    bucket=target,
                    encryption_configuration=of.EncryptionConfigurationProperty(replica_kms_key_id=key),
                ),
            )
        ],
    )

"""The functions of the audit log: taken in, signed by one that has no database, gone through."""

from __future__ import annotations

from collections.abc import Mapping

from infra.shapes import Function, Permit, Ref, Schedule, invoking, taking


def audited(data: Mapping[str, Ref]) -> tuple[Function, ...]:
    """All three; ``data`` is what reaching the database takes."""
    return (
        Function(
            "job_audit_sequence",
            "Takes events into the audit log's tree and brings the tree to its bucket; notes versions of the flags.",
            network="data",
            triggers=(Schedule("rate(5 minutes)"),),
            timeout_s=120,
            concurrency=1,
            environment={**data, "FLAGS_BUCKET": Ref("bucket", "flags"), "AUDIT_BUCKET": Ref("bucket", "audit")},
            permits=(
                *taking("flags"),
                *invoking("job_audit_sign"),
                Permit(("s3:PutObject", "s3:GetObject"), Ref("bucket", "audit")),
                Permit(("s3:ListBucket",), Ref("bucket", "audit")),
            ),
        ),
        Function(
            "job_audit_sign",
            "Signs the audit log's next checkpoint if it continues the last; alone holds the key, has no database.",
            network="edge",
            timeout_s=30,
            concurrency=1,
            environment={
                "AUDIT_BUCKET": Ref("bucket", "audit"),
                "CHECKPOINT_BUCKET": Ref("bucket", "checkpoints"),
                "AUDIT_KEY_ID": Ref("key", "audit"),
            },
            permits=(
                Permit(("s3:GetObject",), Ref("bucket", "audit")),
                Permit(("s3:ListBucket",), Ref("bucket", "audit")),
                Permit(("s3:PutObject", "s3:GetObject"), Ref("bucket", "checkpoints")),
                Permit(("s3:ListBucket", "s3:ListBucketVersions"), Ref("bucket", "checkpoints")),
                Permit(("kms:Sign", "kms:GetPublicKey"), Ref("key", "audit")),
            ),
        ),
        Function(
            "job_audit_check",
            "Goes through the audit log: rows against leaves, tiles and signed checkpoints.",
            network="data",
            triggers=(Schedule("cron(0 5,17 * * ? *)", max_age_s=3600),),
            memory_mb=1024,
            timeout_s=900,
            concurrency=1,
            environment={
                **data,
                "AUDIT_BUCKET": Ref("bucket", "audit"),
                "CHECKPOINT_BUCKET": Ref("bucket", "checkpoints"),
            },
            permits=(
                Permit(("s3:GetObject",), Ref("bucket", "audit")),
                Permit(("s3:ListBucket",), Ref("bucket", "audit")),
                Permit(("s3:GetObject",), Ref("bucket", "checkpoints")),
                Permit(("s3:ListBucket", "s3:ListBucketVersions"), Ref("bucket", "checkpoints")),
            ),
        ),
    )

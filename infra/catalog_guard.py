"""What keeps the controls: judging them by their evidence, and setting things right where two people agreed to it."""

from __future__ import annotations

from collections.abc import Mapping

from infra.catalog_life import SECRET_NAMES
from infra.shapes import Bucket, Function, Permit, Ref, Schedule, invoking, taking

EVIDENCE_BUCKET = Bucket("evidence", locked_days=400)
"""What controls were judged by, and reports: nobody can write over it."""
EVIDENCE = {"EVIDENCE_BUCKET": Ref("bucket", "evidence")}
SEARCHED = {
    "EXPORT_BUCKET": Ref("bucket", "exports"),
    "ARCHIVE_BUCKET": Ref("bucket", "archive"),
    "AUDIT_BUCKET": Ref("bucket", "audit"),
    "QUESTIONS_BUCKET": Ref("bucket", "questions"),
    "EVIDENCE_BUCKET": Ref("bucket", "evidence"),
    "CHECKPOINT_BUCKET": Ref("bucket", "checkpoints"),
}
"""Where the day's canary may have been left behind."""
SEARCHING = tuple(
    permit
    for each in SEARCHED.values()
    for permit in (Permit(("s3:GetObject",), each), Permit(("s3:ListBucket",), each))
)
OPERATORS = {"DBSBM_OPERATORS": Ref("setting", "DBSBM_OPERATORS")}
WATCHED = {
    "FEED_BUCKET": Ref("bucket", "feeds"),
    "FLAGS_BUCKET": Ref("bucket", "flags"),
    "AUDIT_BUCKET": Ref("bucket", "audit"),
    "CHECKPOINT_BUCKET": Ref("bucket", "checkpoints"),
    "ERASURE_BUCKET": Ref("bucket", "erasures"),
    "EXPORT_BUCKET": Ref("bucket", "exports"),
    "KEYRING_BUCKET": Ref("bucket", "keyring"),
    "ARCHIVE_BUCKET": Ref("bucket", "archive"),
    "BACKUP_BUCKET": Ref("bucket", "backups"),
    "DEPLOYMENT_BUCKET": Ref("bucket", "deployments"),
    "QUESTIONS_BUCKET": Ref("bucket", "questions"),
    **EVIDENCE,
}
"""Every bucket there is: whose settings controls look at, and fixes may set."""
THINGS = {"BACKUP_KEY_ID": Ref("key", "backups"), "FAILURES_QUEUE": Ref("queue", "failed-invocations")}
"""What else controls ask AWS about, and fixes may set."""
_STACKS = ("data", "records", "schema", "functions", "watch")
_LOOK = (
    *("s3:GetBucketVersioning", "s3:GetBucketPublicAccessBlock"),
    *("s3:GetEncryptionConfiguration", "s3:GetBucketObjectLockConfiguration"),
)
_LOCKED = frozenset({"checkpoints", "archive", "questions", "evidence", "backups"})
"""S3 itself lets nobody stop the versions of these."""
_OPEN = ("s3:GetBucketPublicAccessBlock", "s3:PutBucketPublicAccessBlock", "s3:GetBucketVersioning")


_ROTATION = ("kms:DescribeKey", "kms:GetKeyRotationStatus")


def _setting(bucket: Ref) -> Permit:
    return Permit(_OPEN if bucket.name in _LOCKED else (*_OPEN, "s3:PutBucketVersioning"), bucket)


def reading_evidence() -> tuple[Permit, ...]:
    """Take an object out, and be told when there is none."""
    return taking("evidence")


def guards(data: Mapping[str, Ref]) -> tuple[Function, ...]:
    """Both functions; ``data`` is what reaching the database takes."""
    return (
        Function(
            "job_compliance",
            "Judges every control by its evidence, looks after findings and workflows, makes the reports that are due.",
            network="data",
            triggers=(Schedule("rate(1 hour)", max_age_s=3600),),
            memory_mb=1024,
            timeout_s=300,
            concurrency=1,
            layers=("shared", "reports"),
            alarms=("errors",),
            environment={
                **data,
                **WATCHED,
                **THINGS,
                **OPERATORS,
                **SECRET_NAMES,
                **{f"{name.upper()}_STACK": Ref("stack", name) for name in _STACKS},
            },
            permits=(
                *invoking("delivery", "job_remedy"),
                Permit(("s3:PutObject",), Ref("bucket", "evidence")),
                *reading_evidence(),
                Permit(("s3:GetObject",), Ref("bucket", "backups")),
                Permit(("s3:ListBucket",), Ref("bucket", "backups")),
                Permit(_ROTATION, THINGS["BACKUP_KEY_ID"]),
                Permit(("sqs:GetQueueAttributes",), THINGS["FAILURES_QUEUE"]),
                *(Permit(_LOOK, bucket) for bucket in WATCHED.values()),
                *(Permit(("secretsmanager:ListSecretVersionIds",), secret) for secret in SECRET_NAMES.values()),
                *(Permit(("cloudformation:GetTemplate",), Ref("stack", name)) for name in _STACKS),
            ),
        ),
        Function(
            "job_remedy",
            "Sets a bucket, key or queue right where two people agreed to it; alone may, and has no database.",
            network="edge",
            timeout_s=60,
            concurrency=1,
            environment={**WATCHED, **THINGS},
            alarms=("errors",),
            permits=(
                *(_setting(bucket) for bucket in WATCHED.values()),
                Permit((*_ROTATION, "kms:EnableKeyRotation", "kms:DisableKeyRotation"), THINGS["BACKUP_KEY_ID"]),
                Permit(("sqs:GetQueueAttributes", "sqs:SetQueueAttributes"), THINGS["FAILURES_QUEUE"]),
            ),
        ),
    )

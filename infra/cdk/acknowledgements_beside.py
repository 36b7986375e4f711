"""What we live with in the templates beside the app, and in what copies to another region."""

from __future__ import annotations

from infra.cdk.acknowledgement import HIPAA, NIST, PCI, YEAR, Acknowledgement, in_packs

_HERE = "<AWS::Region>:<AWS::AccountId>"


def _anything(*arns: str) -> tuple[str, ...]:
    return tuple(f"AwsSolutions-IAM5[Resource::{arn}]" for arn in arns)


BESIDE = (
    Acknowledgement(
        _anything("*"),
        ("github/Template/Policy",),
        "Quotas, and what counts towards them, know no narrower resource; every action there only looks "
        "(tests/integration/test_deploy_role.py).",
        "security",
        YEAR,
    ),
    Acknowledgement(
        _anything(
            f"arn:<AWS::Partition>:cloudformation:{_HERE}:stack/dbsbm-<Stage>-*/*",
            f"arn:<AWS::Partition>:codedeploy:{_HERE}:deploymentgroup:dbsbm-<Stage>/*",
            f"arn:<AWS::Partition>:lambda:{_HERE}:function:dbsbm-<Stage>-*",
            "arn:<AWS::Partition>:s3:::dbsbm-<Stage>-data-storagebucketdeployments*/*",
            f"arn:<AWS::Partition>:secretsmanager:{_HERE}:secret:dbsbm/<Stage>/*",
        ),
        ("github/Template/Policy",),
        "The role is made before the stage is: what is its own is known by its beginning alone, and that is one "
        "stage's.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        _anything(f"arn:<AWS::Partition>:kms:{_HERE}:key/*"),
        ("github/Template/Policy",),
        "The stage's keys have no name before they exist; the role uses them through Secrets Manager and S3 alone, "
        "where their own policies hold.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        ("AwsSolutions-S1", *in_packs("S3BucketLoggingEnabled", NIST, HIPAA, PCI)),
        ("copies/Template/Audit", "copies/Template/Checkpoints", "copies/Template/Erasures"),
        "S3 itself writes there and nobody reads before a region is lost; who changes the buckets stands in the "
        "account's trail, which covers every region.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        in_packs("S3BucketReplicationEnabled", NIST, HIPAA, PCI),
        ("copies/Template/Audit", "copies/Template/Checkpoints", "copies/Template/Erasures"),
        "They are the copies: what they hold is in the home region as well, and a third place would be one more to "
        "look after.",
        "operations",
        YEAR,
    ),
    Acknowledgement(
        _anything(
            "<StorageBucketaudit9FA60A59.Arn>/*",
            "<StorageBucketerasures9ABEEB9B.Arn>/*",
            "arn:<AWS::Partition>:s3:::dbsbm-<stage>-audit-copy-<AWS::AccountId>/*",
            "arn:<AWS::Partition>:s3:::dbsbm-<stage>-erasures-copy-<AWS::AccountId>/*",
        ),
        ("data/Copies/Policy/Resource",),
        "Every object of these buckets is copied, into the one bucket that is its copy; S3 alone takes the role.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        _anything(
            "<StorageBucketcheckpoints10644408.Arn>/*",
            "arn:<AWS::Partition>:s3:::dbsbm-<stage>-checkpoints-copy-<AWS::AccountId>/*",
        ),
        ("records/Copies/Policy/Resource",),
        "Every checkpoint is copied, into the one bucket that is its copy; S3 alone takes the role.",
        "security",
        YEAR,
    ),
)

"""Copies in another region: database, audit log and erasures go there with ``-c copy_key=…``, the keyring never."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.cdk.beside import BESIDE
from infra.cdk.copies import COPIED, region_of
from infra.cdk.options import options_from
from infra.cdk.stage import stage_named
from tests.infra.conftest import PARTS, VARIANTS, Assembly, Resources, of_type

pytestmark = pytest.mark.xdist_group("synth")
KEY = VARIANTS["grown"]["copy_key"]


def _buckets(resources: Resources) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, bucket in of_type(resources, "AWS::S3::Bucket"):
        yield name.removeprefix("StorageBucket")[:-8], bucket


def _there(assembly: Assembly) -> Mapping[str, Mapping[str, Any]]:
    """The other region's template, as CloudFormation reads it."""
    return assembly.resources("dbsbm-prod-copies")


def test_the_database_s_backups_and_log_go_there_and_are_kept_as_long_as_at_home(assembly: Assembly) -> None:
    [source] = [p for _, p in of_type(assembly.resources("grown-data"), "AWS::RDS::DBInstance")
                if "SourceDBInstanceIdentifier" not in p]  # fmt: skip
    assert source["AutomaticBackupReplicationRegion"] == region_of(KEY) == "eu-west-1"
    assert source["AutomaticBackupReplicationKmsKeyId"] == KEY
    assert source["AutomaticBackupReplicationRetentionPeriod"] == source["BackupRetentionPeriod"] == 35


def test_each_copied_bucket_goes_to_its_own_there_under_that_key_and_no_other_goes_anywhere(assembly: Assembly) -> None:
    made = {json.dumps(p["BucketName"]): p for _, p in of_type(_there(assembly), "AWS::S3::Bucket")}
    copied = {}
    for part in PARTS:
        for name, bucket in _buckets(assembly.resources(f"grown-{part}")):
            if "ReplicationConfiguration" not in bucket:
                continue
            [rule] = bucket["ReplicationConfiguration"]["Rules"]
            assert (rule["Status"], rule["DeleteMarkerReplication"]) == ("Enabled", {"Status": "Disabled"})
            assert rule["SourceSelectionCriteria"] == {"SseKmsEncryptedObjects": {"Status": "Enabled"}}
            assert rule["Destination"]["EncryptionConfiguration"] == {"ReplicaKmsKeyID": KEY}
            copied[name] = json.dumps(rule["Destination"]["Bucket"])
            assert f"dbsbm-prod-{name}-copy-" in copied[name]
            [target] = [p for text, p in made.items() if f"-{name}-copy-" in text]
            assert ("ObjectLockEnabled" in target) is ("ObjectLockEnabled" in bucket)
    assert set(copied) == set(COPIED)
    assert len(made) == len(COPIED)


def test_a_shredded_key_has_no_copy_anywhere(assembly: Assembly) -> None:
    assert "keyring" not in COPIED
    assert "keyring" not in BESIDE["copies"].read_text().replace("Never the keyring", "")
    [keyring] = [b for name, b in _buckets(assembly.resources("grown-data")) if name == "keyring"]
    assert "ReplicationConfiguration" not in keyring
    policies = [json.dumps(p) for name, p in of_type(assembly.resources("grown-data"), "AWS::IAM::ManagedPolicy")
                if name.startswith("Copies")]  # fmt: skip
    assert policies
    assert not [policy for policy in policies if "keyring" in policy]


@pytest.mark.parametrize("stack", ["grown-data", "grown-records"])
def test_s3_alone_copies_and_may_do_nothing_else(assembly: Assembly, stack: str) -> None:
    resources = assembly.resources(stack)
    [role] = [p for name, p in of_type(resources, "AWS::IAM::Role") if name.startswith("Copies")]
    [trusted] = role["AssumeRolePolicyDocument"]["Statement"]
    assert trusted["Principal"] == {"Service": "s3.amazonaws.com"}
    [policy] = [p for name, p in of_type(resources, "AWS::IAM::ManagedPolicy") if name.startswith("Copies")]
    actions = {action for s in policy["PolicyDocument"]["Statement"]
               for action in ([s["Action"]] if isinstance(s["Action"], str) else s["Action"])}  # fmt: skip
    assert not [action for action in actions if action.startswith(("s3:Put", "s3:Delete"))]
    for statement in policy["PolicyDocument"]["Statement"]:
        if "kms:" in json.dumps(statement["Action"]):
            assert "kms:ViaService" in statement["Condition"]["StringEquals"]


def test_nothing_goes_anywhere_unless_somebody_said_so(assembly: Assembly) -> None:
    for stage in ("dev", "staging", "prod"):
        said = json.dumps([assembly.resources(f"dbsbm-{stage}-{part}") for part in PARTS])
        for word in ("ReplicationConfiguration", "AutomaticBackupReplicationRegion"):
            assert word not in said


def test_what_lies_there_is_closed_sealed_and_reached_over_tls_alone(assembly: Assembly) -> None:
    resources = _there(assembly)
    policies = {p["Bucket"]["Ref"]: p["PolicyDocument"]["Statement"]
                for _, p in of_type(resources, "AWS::S3::BucketPolicy")}  # fmt: skip
    for name, bucket in of_type(resources, "AWS::S3::Bucket"):
        assert all(bucket["PublicAccessBlockConfiguration"].values())
        [rule] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        [denied] = policies[name]
        assert (denied["Effect"], denied["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    [(_, key)] = of_type(resources, "AWS::KMS::Key")
    assert (key["EnableKeyRotation"], key["RotationPeriodInDays"]) == (True, 90)


@pytest.mark.parametrize("name", BESIDE)
def test_templates_beside_the_app_are_clean_for_cfn_lint(name: str) -> None:
    tool = str(Path(sys.executable).with_name("cfn-lint"))
    done = subprocess.run([tool, str(BESIDE[name])], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    "wrong", [{"copy_key": "eu-west-1"}, {"copy_key": KEY, "database": "aurora-mysql"}], ids=["no key", "aurora"]
)
def test_where_nothing_can_be_copied_to_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="copy_key"):
        options_from(wrong.get, stage_named("prod"))

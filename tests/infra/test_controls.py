"""Controls on prod's own template: satisfied by it, and by none from which the protection was taken away."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from dbsbm.compliance.controls import CONTROLS
from dbsbm.compliance.model import Evidence, Source, State, judge
from dbsbm.compliance.watched import STACKS
from tests.infra.conftest import PARTS, Assembly

pytestmark = pytest.mark.xdist_group("synth")
AT = datetime(2026, 9, 1, tzinfo=UTC)
Content = dict[str, Any]
"""Resources by stack, as CloudFormation would give them back."""
Taken = Callable[[Content], None]
FINDINGS = {"lock-mode", "log-history"}
"""What prod does not do by default: docs/decisions.md says why."""
TOO_MUCH = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
OPEN = {"CidrIp": "0.0.0.0/0", "FromPort": 3306, "ToPort": 3306, "IpProtocol": "tcp"}


def without(*kinds: str) -> Taken:
    def take(content: Content) -> None:
        for resources in content.values():
            for name in [name for name, each in resources.items() if each["Type"] in kinds]:
                del resources[name]

    return take


def changed(kind: str, named: str = "", **properties: Any) -> Taken:
    """The first of a kind, or that whose name has a part, with other properties; None takes one away."""

    def change(content: Content) -> None:
        found = first(content, kind, named).setdefault("Properties", {})
        found.update(properties)
        for name in [name for name, value in found.items() if value is None]:
            del found[name]

    return change


def first(content: Content, kind: str, named: str = "") -> dict[str, Any]:
    there = ((name, each) for resources in content.values() for name, each in resources.items())
    found: dict[str, Any] = next(each for name, each in there if each["Type"] == kind and named in name)
    return found


def left_behind(content: Content) -> None:
    first(content, "AWS::S3::Bucket", "keyring")["DeletionPolicy"] = "Delete"


def one_role(content: Content) -> None:
    functions = [each for each in content["functions"].values() if each["Type"] == "AWS::Lambda::Function"]
    functions[1]["Properties"]["Role"] = functions[0]["Properties"]["Role"]


def given_away(content: Content) -> None:
    first(content, "AWS::Lambda::Function")["Properties"]["Environment"]["Variables"]["BOT_TOKEN"] = "hunter2"


def whole_account(content: Content) -> None:
    role = first(content, "AWS::IAM::Role", "Functiondatabasemigrate")["Properties"]
    role["ManagedPolicyArns"] = ["arn:aws:iam::aws:policy/AdministratorAccess"]


_DATABASE, _BUCKET, _ROLE = "AWS::RDS::DBInstance", "AWS::S3::Bucket", "AWS::IAM::Role"
_GROUP, _NOTED = "AWS::CodeDeploy::DeploymentGroup", "AWS::Lambda::EventInvokeConfig"
TAKEN: tuple[tuple[str, Taken], ...] = (
    ("database-encrypted", changed(_DATABASE, StorageEncrypted=False)),
    ("database-private", changed(_DATABASE, PubliclyAccessible=True)),
    ("database-tls", without("AWS::RDS::DBParameterGroup")),
    ("database-tls", changed("AWS::RDS::DBParameterGroup", Parameters={})),
    ("database-tls", changed(_DATABASE, DBParameterGroupName=None)),
    ("database-protected", changed(_DATABASE, DeletionProtection=False)),
    ("database-available", changed(_DATABASE, MultiAZ=False)),
    ("database-backups", changed(_DATABASE, BackupRetentionPeriod=1)),
    ("backup-vault", without("AWS::Backup::BackupVault")),
    ("backup-vault", without("AWS::Backup::BackupPlan")),
    ("cache-encrypted", changed("AWS::ElastiCache::ServerlessCache", KmsKeyId=None)),
    ("buckets-encrypted", changed(_BUCKET, "keyring", BucketEncryption=None)),
    ("buckets-tls", without("AWS::S3::BucketPolicy")),
    ("buckets-private", changed(_BUCKET, "keyring", PublicAccessBlockConfiguration=None)),
    ("buckets-logged", changed(_BUCKET, "keyring", LoggingConfiguration=None)),
    ("checkpoints-locked", changed(_BUCKET, "checkpoints", ObjectLockEnabled=None, ObjectLockConfiguration=None)),
    ("checkpoints-locked", changed(_BUCKET, "checkpoints", ObjectLockConfiguration=None)),
    ("lock-mode", changed(_BUCKET, "checkpoints", ObjectLockConfiguration=None)),
    ("keys-rotate", changed("AWS::KMS::Key", EnableKeyRotation=False)),
    ("secrets-encrypted", changed("AWS::SecretsManager::Secret", KmsKeyId=None)),
    ("functions-hold-no-secret", given_away),
    ("functions-supported", changed("AWS::Lambda::Function", "Functiondatabasemigrate", Runtime="python3.8")),
    ("least-privilege", whole_account),
    ("least-privilege", changed(_ROLE, Policies=[{"PolicyName": "x", "PolicyDocument": TOO_MUCH}])),
    ("least-privilege", changed("AWS::IAM::ManagedPolicy", "Functiondatabasemigrate", PolicyDocument=TOO_MUCH)),
    ("one-role-each", one_role),
    ("log-groups-bounded", without("AWS::Logs::LogGroup")),
    ("log-groups-bounded", changed("AWS::Logs::LogGroup", RetentionInDays=None)),
    ("log-history", without("AWS::Logs::LogGroup")),
    ("alarms-exist", without("AWS::CloudWatch::Alarm")),
    ("failures-kept", without(_NOTED)),
    ("failures-kept", changed(_NOTED, DestinationConfig=None)),
    ("failures-kept", changed("AWS::SQS::Queue", SqsManagedSseEnabled=False)),
    ("network-closed", changed("AWS::EC2::SecurityGroup", SecurityGroupIngress=[OPEN])),
    ("network-watched", without("AWS::EC2::FlowLog")),
    ("edge-throttled", changed("AWS::ApiGatewayV2::Stage", DefaultRouteSettings={})),
    ("releases-go-back", without(_GROUP)),
    ("releases-go-back", changed(_GROUP, AutoRollbackConfiguration=None)),
    ("data-outlives-stack", left_behind),
    ("spending-watched", without("AWS::Budgets::Budget")),
    ("account-trail-on", without("AWS::CloudTrail::Trail")),
)


@pytest.fixture
def deployed(assembly: Assembly) -> Content:
    return {part: copy.deepcopy(dict(assembly.resources(f"dbsbm-prod-{part}"))) for part in PARTS}


def judged(control: str, content: Mapping[str, Any]) -> State:
    return judge(CONTROLS[control], Evidence("stacks", AT, content)).state


def test_every_stack_is_looked_at_and_prod_is_as_it_should_be(deployed: Content) -> None:
    assert set(STACKS) == set(PARTS)
    states = {name: judged(name, deployed) for name, each in CONTROLS.items() if each.source is Source.TEMPLATE}
    assert {name for name, state in states.items() if state is not State.SATISFIED} == FINDINGS
    assert {states[name] for name in FINDINGS} == {State.NOT_SATISFIED}


@pytest.mark.parametrize(("control", "take"), TAKEN)
def test_without_its_protection_a_control_is_not_satisfied(deployed: Content, control: str, take: Taken) -> None:
    take(deployed)
    assert judged(control, deployed) is State.NOT_SATISFIED


def test_from_every_control_of_templates_something_is_taken_away() -> None:
    assert {name for name, _ in TAKEN} == {name for name, each in CONTROLS.items() if each.source is Source.TEMPLATE}

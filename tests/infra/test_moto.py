"""The templates created in moto's CloudFormation: as far as it goes, with the list of what it cannot."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.cloudformation.parsing import resource_class_from_type

from infra.catalog import CATALOG, SigningKey
from tests.infra.conftest import Assembly

pytestmark = pytest.mark.xdist_group("synth")
REGION = "us-east-1"
STACKS = ("dbsbm-prod-data", "dbsbm-prod-records", "dbsbm-prod-schema", "dbsbm-prod-functions",
          "dbsbm-prod-watch")  # fmt: skip

NOWHERE = "arn:aws:nothing:us-east-1:123456789012:of:not-in-moto:live"
CANNOT = {
    "AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Integration", "AWS::ApiGatewayV2::Route", "AWS::ApiGatewayV2::Stage",
    "AWS::Backup::BackupPlan", "AWS::Backup::BackupSelection", "AWS::Backup::BackupVault", "AWS::Budgets::Budget",
    "AWS::CloudTrail::Trail", "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm",
    "AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentGroup", "AWS::EC2::SecurityGroupEgress",
    "AWS::ElastiCache::ServerlessCache", "AWS::ElastiCache::User", "AWS::ElastiCache::UserGroup",
    "AWS::Lambda::Alias", "AWS::Lambda::EventInvokeConfig",
    "AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy", "AWS::Scheduler::Schedule",
    "AWS::SecretsManager::RotationSchedule", "AWS::SecretsManager::Secret",
}  # fmt: skip
"""Types moto's CloudFormation does not know; it creates nothing for them."""
HANGS_ON_THEM = {"AWS::Lambda::Permission"}
"""It knows these, but they speak of the alias, which it did not create."""
LEFT_OUT = CANNOT | HANGS_ON_THEM
UNANSWERED = {
    ("AWS::RDS::DBInstance", "DbiResourceId"), ("AWS::RDS::DBInstance", "MasterUserSecret.SecretArn"),
    ("AWS::Lambda::Version", "Version"),
}  # fmt: skip
"""Attributes of types it knows that it has no value for."""
UNNAMED = {"AWS::Lambda::Version"}
"""Types it creates and has no name for that another resource could be given."""
UNTAKEN = {("AWS::RDS::DBInstance", "DBParameterGroupName")}
"""Properties it falls over when they name another resource."""


@pytest.fixture(scope="module")
def created(assembly: Assembly) -> Iterator[Mapping[str, list[str]]]:
    """Both stacks in moto; the types of what was created, by stack."""
    with mock_aws(config={"lambda": {"use_docker": False}}):
        boto3.client("ssm", REGION).put_parameter(Name="/cdk-bootstrap/hnb659fds/version", Value="30", Type="String")
        formation = boto3.client("cloudformation", REGION)
        found = {}
        for stack in STACKS:
            template = json.loads((assembly.out / f"{stack}.template.json").read_text())
            _upload(json.loads((assembly.out / f"{stack}.assets.json").read_text()))
            body = json.dumps(_without(template, LEFT_OUT))
            formation.create_stack(StackName=stack, TemplateBody=body, Capabilities=["CAPABILITY_NAMED_IAM"])
            [state] = formation.describe_stacks(StackName=stack)["Stacks"]
            assert state["StackStatus"] == "CREATE_COMPLETE", state.get("StackStatusReason")
            listed = formation.describe_stack_resources(StackName=stack)["StackResources"]
            found[stack] = [resource["ResourceType"] for resource in listed]
        yield found


def _upload(assets: Mapping[str, Any]) -> None:
    """Something under each key that functions and layers take their code from."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("handler.py", "")
    storage = boto3.client("s3", REGION)
    for file in assets["files"].values():
        for place in file["destinations"].values():
            bucket = re.sub(r"\$\{AWS::(\w+)\}", lambda m: {"AccountId": "123456789012"}.get(m[1], REGION),
                            place["bucketName"])  # fmt: skip
            storage.create_bucket(Bucket=bucket)
            storage.put_object(Bucket=bucket, Key=place["objectKey"], Body=archive.getvalue())


def _without(template: dict[str, Any], kinds: set[str]) -> dict[str, Any]:
    """The template without resources of these kinds; whatever names one of them gets ``NOWHERE``."""
    kept = {name: r for name, r in template["Resources"].items() if r["Type"] not in kinds}
    types = {name: resource["Type"] for name, resource in template["Resources"].items()}

    def replaced(value: Any) -> Any:
        if isinstance(value, list):
            return [replaced(item) for item in value]
        if not isinstance(value, dict):
            return value
        if "Ref" in value and types.get(value["Ref"]) in {*kinds, *UNNAMED}:
            return NOWHERE
        if "Fn::GetAtt" in value:
            name, attribute = value["Fn::GetAtt"]
            if types[name] in kinds or (types[name], attribute) in UNANSWERED:
                return NOWHERE
        return {key: replaced(item) for key, item in value.items()}

    for resource in kept.values():
        named = resource.get("DependsOn", [])
        resource["DependsOn"] = [name for name in ([named] if isinstance(named, str) else named) if name in kept]
        for kind, name in UNTAKEN:
            if resource["Type"] == kind:
                resource["Properties"].pop(name, None)
    return {**template, "Resources": replaced(kept), "Outputs": replaced(template.get("Outputs", {}))}


def test_everything_moto_knows_is_created(
    assembly: Assembly, created: Mapping[str, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    for stack in STACKS:
        wanted = [r["Type"] for r in assembly.resources(stack).values() if r["Type"] not in LEFT_OUT]
        assert sorted(created[stack]) == sorted(wanted)
    with capsys.disabled():  # what a green test does not show
        print(f"\nmoto creates {sum(map(len, created.values()))} resources; it cannot: {', '.join(sorted(LEFT_OUT))}")  # noqa: T201


def test_the_list_of_what_moto_cannot_is_neither_short_nor_long(assembly: Assembly) -> None:
    used = {r["Type"] for stack in STACKS for r in assembly.resources(stack).values()}
    assert {kind for kind in used if resource_class_from_type(kind) is None} == CANNOT


@pytest.mark.usefixtures("created")
def test_functions_keys_queue_and_database_are_there_as_the_template_says() -> None:
    functions = boto3.client("lambda", REGION).list_functions()["Functions"]
    assert {f["FunctionName"] for f in functions} == {f"dbsbm-prod-{f.name}" for f in CATALOG.functions}
    assert {f["Runtime"] for f in functions} == {"python3.13"}
    keys = boto3.client("kms", REGION)
    rotated = [
        keys.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"] for key in keys.list_keys()["Keys"]
    ]
    # KMS rotates no key of two halves.
    assert rotated.count(False) == len([key for key in CATALOG.keys if isinstance(key, SigningKey)])
    [database] = boto3.client("rds", REGION).describe_db_instances()["DBInstances"]
    assert (database["Engine"], database["StorageEncrypted"], database["MultiAZ"]) == ("mariadb", True, True)
    assert database["PubliclyAccessible"] is False
    [queue] = boto3.client("sqs", REGION).list_queues()["QueueUrls"]
    assert queue.endswith("dbsbm-prod-failed-invocations")
    groups = {group["logGroupName"] for group in boto3.client("logs", REGION).describe_log_groups()["logGroups"]}
    assert groups >= {f"/dbsbm/prod/{function.name}" for function in CATALOG.functions}


@pytest.mark.usefixtures("created")
def test_iam_accepts_every_policy_and_only_lambda_takes_a_function_s_role(assembly: Assembly) -> None:
    """moto checks the documents' grammar; it attaches no managed policy that the same template makes."""
    access = boto3.client("iam", REGION)
    policies = [
        r for stack in STACKS for r in assembly.resources(stack).values() if r["Type"] == "AWS::IAM::ManagedPolicy"
    ]
    made = [policy for page in access.get_paginator("list_policies").paginate(Scope="Local")
            for policy in page["Policies"]]  # fmt: skip
    assert len(made) == len(policies)
    for function in CATALOG.functions:
        trust = access.get_role(RoleName=f"dbsbm-prod-{function.name}")["Role"]["AssumeRolePolicyDocument"]
        assert [s["Principal"] for s in trust["Statement"]] == [{"Service": "lambda.amazonaws.com"}]

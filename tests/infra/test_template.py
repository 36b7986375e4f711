"""What the deployed thing promises, read from the synthesized templates."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.catalog import CATALOG, HttpRoute, Schedule
from infra.cdk.database import parameters
from infra.cdk.triggers import BURST, RATE_PER_S
from infra.shifting import every_alarm
from tests.infra.conftest import PARTS, VARIANTS, Assembly, of_type

pytestmark = pytest.mark.xdist_group("synth")
ROOT = Path(__file__).parents[2]
PREFIXES = ("dbsbm-dev", "dbsbm-staging", "dbsbm-prod", *VARIANTS)
MOST_RESOURCES, MOST_OUTPUTS, MOST_BYTES = 450, 180, 900_000
"""A tenth below what CloudFormation takes: 500, 200 and 1 MB."""
LINTED = (
    "dbsbm-dev-data",
    "dbsbm-prod-data",
    "dbsbm-prod-functions",
    "dbsbm-prod-watch",
    "grown-data",
    "grown-records",
    "grown-schema",
    "aurora-data",
    "small-functions",
)
"""Between them every construct with every option; the other stacks differ in numbers."""


def test_templates_are_clean_for_cfn_lint(assembly: Assembly) -> None:
    templates = [str(assembly.out / f"{stack}.template.json") for stack in LINTED]
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--config-file", str(ROOT / ".cfnlintrc"), *templates]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_every_function_of_the_catalog_is_deployed_once(functions: dict[str, Any]) -> None:
    names = sorted(properties["FunctionName"] for _, properties in of_type(functions, "AWS::Lambda::Function"))
    assert names == sorted(f"dbsbm-prod-{function.name}" for function in CATALOG.functions)


def test_every_trigger_and_async_setting_names_the_alias(functions: dict[str, Any]) -> None:
    aliases = {name for name, _ in of_type(functions, "AWS::Lambda::Alias")}
    schedules = [properties["Target"]["Arn"] for _, properties in of_type(functions, "AWS::Scheduler::Schedule")]
    integrations = [p["IntegrationUri"] for _, p in of_type(functions, "AWS::ApiGatewayV2::Integration")]
    assert all(target.get("Ref") in aliases for target in [*schedules, *integrations])
    for _, properties in of_type(functions, "AWS::Lambda::EventInvokeConfig"):
        assert properties["Qualifier"] != "$LATEST"
        assert "OnFailure" in properties["DestinationConfig"]
    assert len(schedules) == sum(isinstance(t, Schedule) for f in CATALOG.functions for t in f.triggers)
    assert len(integrations) == sum(isinstance(t, HttpRoute) for f in CATALOG.functions for t in f.triggers)


def test_roles_name_literal_actions_and_resources(functions: dict[str, Any]) -> None:
    for name, properties in of_type(functions, "AWS::IAM::Policy"):
        for statement in properties["PolicyDocument"]["Statement"]:
            actions = statement["Action"]
            for action in [actions] if isinstance(actions, str) else actions:
                assert "*" not in action, f"{name}: {action}"
            assert statement["Resource"] != "*", f"{name}: {json.dumps(statement)}"


def test_the_front_door_stands_outside_the_network_and_holds_no_secret(functions: dict[str, Any]) -> None:
    front_door = next(
        p for _, p in of_type(functions, "AWS::Lambda::Function") if p["FunctionName"].endswith("-interactions")
    )
    assert "VpcConfig" not in front_door
    assert not [name for name in front_door["Environment"]["Variables"] if "SECRET" in name or "TOKEN" in name]


def test_every_function_has_a_log_group_with_retention_and_alarms(functions: dict[str, Any]) -> None:
    groups = [p for _, p in of_type(functions, "AWS::Logs::LogGroup")]
    assert all(properties["RetentionInDays"] == 90 for properties in groups)
    alarms = [p["AlarmName"] for _, p in of_type(functions, "AWS::CloudWatch::Alarm")]
    for function in CATALOG.functions:
        for alarm in function.alarms:
            assert f"dbsbm-prod-{function.name}-{alarm}" in alarms


def test_data_is_private_encrypted_and_admits_only_the_functions(data: dict[str, Any]) -> None:
    [(_, database)] = of_type(data, "AWS::RDS::DBInstance")
    assert database["StorageEncrypted"] is True
    assert database["PubliclyAccessible"] is False
    assert database["MultiAZ"] is True
    assert database["DeletionProtection"] is True
    assert database["EnableIAMDatabaseAuthentication"] is True
    assert database["ManageMasterUserPassword"] is True
    assert "MasterUserPassword" not in database
    for _, rule in of_type(data, "AWS::EC2::SecurityGroupIngress"):
        assert "CidrIp" not in rule
        assert "SourceSecurityGroupId" in rule


@pytest.mark.parametrize(
    ("stage", "days", "zones", "kept"),
    [("dev", 1, False, False), ("staging", 7, False, True), ("prod", 35, True, True)],
)
def test_the_database_is_as_safe_as_its_stage_says(
    assembly: Assembly, stage: str, days: int, zones: bool, kept: bool
) -> None:
    [(_, database)] = of_type(assembly.resources(f"dbsbm-{stage}-data"), "AWS::RDS::DBInstance")
    assert (database["Engine"], database["EngineVersion"].startswith("10.11")) == ("mariadb", True)
    assert database["BackupRetentionPeriod"] == days  # any moment of these days
    assert (database["MultiAZ"], database["DeletionProtection"]) == (zones, kept)
    assert database["EnableCloudwatchLogsExports"] == ["error", "slowquery"]
    assert "KmsKeyId" in database


@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_cache_lets_in_one_user_who_signs_with_iam(assembly: Assembly, prefix: str) -> None:
    resources = assembly.resources(f"{prefix}-data")
    [(_, cache)] = of_type(resources, "AWS::ElastiCache::ServerlessCache")
    [(_, users)] = of_type(resources, "AWS::ElastiCache::UserGroup")
    [(_, user)] = of_type(resources, "AWS::ElastiCache::User")
    assert (cache["Engine"], cache["UserGroupId"]) == ("valkey", users["UserGroupId"])
    assert (user["AuthenticationMode"], "Passwords" in user) == ({"Type": "iam"}, False)
    assert users["UserIds"] == [user["UserId"]]
    assert "KmsKeyId" in cache


@pytest.mark.parametrize("prefix", PREFIXES)
def test_each_class_of_data_has_a_key_that_kms_changes_every_ninety_days(assembly: Assembly, prefix: str) -> None:
    keys = dict(of_type(assembly.resources(f"{prefix}-data"), "AWS::KMS::Key"))
    turned = {name for name, p in keys.items() if p.get("EnableKeyRotation") and p["RotationPeriodInDays"] == 90}
    assert {name for name, p in keys.items() if "KeySpec" in p} == keys.keys() - turned  # of two halves: a new one
    for of in ("KeysData", "KeysSecrets", "KeysOperations", "KeysEncryptionbackups"):
        assert [name for name in turned if name.startswith(of)], of


def test_the_data_subnets_have_no_road_to_the_internet(data: dict[str, Any]) -> None:
    isolated = {
        properties["RouteTableId"]["Ref"]
        for name, properties in of_type(data, "AWS::EC2::SubnetRouteTableAssociation")
        if "data" in name
    }
    assert isolated
    assert not [name for name, route in of_type(data, "AWS::EC2::Route") if route["RouteTableId"]["Ref"] in isolated]


def test_the_parameter_group_is_the_parameter_file(data: dict[str, Any]) -> None:
    [(_, group)] = of_type(data, "AWS::RDS::DBParameterGroup")
    assert group["Parameters"] == {**parameters(), "require_secure_transport": "ON"}
    assert group["Parameters"]["sql_mode"].startswith("ONLY_FULL_GROUP_BY,STRICT_ALL_TABLES")
    assert group["Parameters"]["innodb_lock_wait_timeout"] == "2"


@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_api_is_throttled_and_notes_every_request(assembly: Assembly, prefix: str) -> None:
    resources = assembly.resources(f"{prefix}-functions")
    [(_, stage)] = of_type(resources, "AWS::ApiGatewayV2::Stage")
    settings = stage["DefaultRouteSettings"]
    assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == (RATE_PER_S, BURST)
    noted = stage["AccessLogSettings"]
    assert noted["DestinationArn"]["Fn::GetAtt"][0] in resources
    assert "$context.requestId" in noted["Format"]
    assert not [word for word in ("signature", "authorization", "body") if word in noted["Format"].lower()]


def test_buckets_are_closed(data: dict[str, Any]) -> None:
    for _, bucket in of_type(data, "AWS::S3::Bucket"):
        assert all(bucket["PublicAccessBlockConfiguration"].values())
        assert "BucketEncryption" in bucket


@pytest.mark.parametrize("stack", [f"{prefix}-{part}" for prefix in PREFIXES for part in PARTS])
def test_every_stack_has_room_below_cloudformation_s_500_resources(assembly: Assembly, stack: str) -> None:
    template = json.loads((assembly.out / f"{stack}.template.json").read_text())
    assert len(template["Resources"]) < MOST_RESOURCES
    assert len(template.get("Outputs", {})) < MOST_OUTPUTS
    assert (assembly.out / f"{stack}.template.json").stat().st_size < MOST_BYTES


@pytest.mark.parametrize("prefix", PREFIXES)
def test_what_takes_a_version_back_stands_with_it_and_what_only_watches_stands_apart(
    assembly: Assembly, prefix: str
) -> None:
    beside, apart = (
        {p["AlarmName"].partition("-")[2].partition("-")[2] for _, p in of_type(found, "AWS::CloudWatch::Alarm")}
        for found in (assembly.resources(f"{prefix}-functions"), assembly.resources(f"{prefix}-watch"))
    )
    assert beside == set(every_alarm())
    assert not beside & apart
    kept = {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm", "AWS::CloudWatch::Dashboard",
            "AWS::Budgets::Budget", "AWS::CDK::Metadata"}  # fmt: skip
    assert {r["Type"] for r in assembly.resources(f"{prefix}-watch").values()} <= kept  # nothing that holds anything

"""What holds of every queue, policy, function, bucket and subnet, whatever the catalog lists."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from dbsbm.backup.dump import FULL_EVERY
from dbsbm.keys.rotation import KEPT_FOR_BACKUPS
from infra.catalog import CATALOG, Function, HttpRoute, Schedule
from infra.catalog_proxy import with_proxy
from infra.cdk.acknowledgements import ACKNOWLEDGEMENTS
from infra.cdk.database import parameters
from infra.cdk.permissions import ANYWHERE
from tests.infra.conftest import Assembly, Resources, of_type

pytestmark = pytest.mark.xdist_group("synth")
STACKS = [f"{prefix}-{part}" for prefix in ("dbsbm-dev", "dbsbm-staging", "dbsbm-prod", "grown", "aurora", "small")
          for part in ("data", "records", "schema", "functions", "watch")]  # fmt: skip
FUNCTION_STACKS = [stack for stack in STACKS if stack.endswith("functions")]
RECORD_STACKS = [stack for stack in STACKS if stack.endswith("records")]
DATA_STACKS = [stack for stack in STACKS if stack.endswith("data")]
POLICY_TYPES = ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::KMS::Key", "AWS::S3::BucketPolicy",
                "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy")  # fmt: skip
BY_RDS = {"database-master": "MasterUserSecret"}
"""A secret that RDS makes has RDS's name in the template."""
CONNECTIONS_FOR_PEOPLE = 10
VERSIONS_AT_ONCE = 2
"""While a deployment shifts, environments of the old version keep the connections they have."""


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _allowed(resources: Resources) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Kind, name and statement of everything any policy allows."""
    for kind in POLICY_TYPES:
        for name, properties in of_type(resources, kind):
            document = properties["KeyPolicy"] if kind == "AWS::KMS::Key" else properties["PolicyDocument"]
            for statement in document["Statement"]:
                if statement["Effect"] == "Allow":
                    yield kind, name, statement


def _function(resources: Resources, name: str) -> dict[str, Any]:
    return next(p for _, p in of_type(resources, "AWS::Lambda::Function") if p["FunctionName"].endswith(f"-{name}"))


def _policy(resources: Resources, name: str) -> list[dict[str, Any]]:
    role = next(p for _, p in of_type(resources, "AWS::IAM::Role") if str(p.get("RoleName")).endswith(f"-{name}"))
    [policy] = role["ManagedPolicyArns"]
    found: list[dict[str, Any]] = resources[policy["Ref"]]["Properties"]["PolicyDocument"]["Statement"]
    return found


@pytest.mark.parametrize("stack", STACKS)
def test_every_queue_has_a_dead_letter_queue_or_a_reason(assembly: Assembly, stack: str) -> None:
    reasons = {path for entry in ACKNOWLEDGEMENTS if "AwsSolutions-SQS3" in entry.rules for path in entry.where}
    for _, properties in of_type(assembly.resources(stack), "AWS::SQS::Queue"):
        name = re.sub(r"^dbsbm-(dev|staging|prod)-", "", properties["QueueName"])
        assert "RedrivePolicy" in properties or f"data/Storage/Queue-{name}/Resource" in reasons


@pytest.mark.parametrize("stack", STACKS)
def test_nothing_is_allowed_on_everything_but_what_has_a_reason(assembly: Assembly, stack: str) -> None:
    for kind, name, statement in _allowed(assembly.resources(stack)):
        actions = _listed(statement["Action"])
        if kind == "AWS::KMS::Key":  # there "*" is the key itself, and the account's own policies decide
            assert "kms:*" not in actions or "root" in json.dumps(statement["Principal"]), name
            continue
        assert not [action for action in actions if "*" in action], f"{stack} {name}: {actions}"
        if "*" in _listed(statement["Resource"]):
            assert set(actions) <= set(ANYWHERE), f"{stack} {name}: {actions}"


@pytest.mark.parametrize("stack", STACKS)
def test_nobody_outside_the_account_and_its_services_is_allowed_anything(assembly: Assembly, stack: str) -> None:
    for _, name, statement in _allowed(assembly.resources(stack)):
        assert statement.get("Principal") not in ("*", {"AWS": "*"}), f"{stack} {name}"


@pytest.mark.parametrize("stack", FUNCTION_STACKS)
def test_every_function_has_its_log_group_its_alarm_and_its_share_of_concurrency(
    assembly: Assembly, stack: str
) -> None:
    resources = assembly.code(stack)
    watched = [json.dumps(p) for _, p in of_type(resources, "AWS::CloudWatch::Alarm")]
    for _, properties in of_type(resources, "AWS::Lambda::Function"):
        name = properties["FunctionName"]
        group = resources[properties["LoggingConfig"]["LogGroup"]["Ref"]]["Properties"]
        assert group["RetentionInDays"] in (14, 30, 90)
        assert "KmsKeyId" in group
        assert any(f'"{name}:live"' in alarm for alarm in watched), name
        assert ("ReservedConcurrentExecutions" in properties) is (stack != "small-functions"), name


@pytest.mark.parametrize("stack", STACKS)
def test_every_log_group_is_encrypted_and_forgets(assembly: Assembly, stack: str) -> None:
    for name, properties in of_type(assembly.resources(stack), "AWS::Logs::LogGroup"):
        assert "KmsKeyId" in properties, name
        assert "RetentionInDays" in properties, name


@pytest.mark.parametrize("stack", STACKS)
def test_every_bucket_is_private_encrypted_and_reached_over_tls_alone(assembly: Assembly, stack: str) -> None:
    resources = assembly.resources(stack)
    policies = {p["Bucket"]["Ref"]: p for _, p in of_type(resources, "AWS::S3::BucketPolicy")}
    for name, bucket in of_type(resources, "AWS::S3::Bucket"):
        assert all(bucket["PublicAccessBlockConfiguration"].values())
        assert "BucketEncryption" in bucket
        denied = [s for s in policies[name]["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
        assert any(s["Condition"] == {"Bool": {"aws:SecureTransport": "false"}} for s in denied), name


@pytest.mark.parametrize("stack", DATA_STACKS)
def test_database_and_cache_have_no_route_out(assembly: Assembly, stack: str) -> None:
    resources = assembly.resources(stack)
    tables = {p["RouteTableId"]["Ref"]: p["SubnetId"]["Ref"]
              for _, p in of_type(resources, "AWS::EC2::SubnetRouteTableAssociation")}  # fmt: skip
    with_a_way = {tables[p["RouteTableId"]["Ref"]] for _, p in of_type(resources, "AWS::EC2::Route")}
    groups = [p["SubnetIds"] for _, p in of_type(resources, "AWS::RDS::DBSubnetGroup")]
    groups += [p["SubnetIds"] for _, p in of_type(resources, "AWS::ElastiCache::ServerlessCache")]
    groups += [p["VpcSubnetIds"] for _, p in of_type(resources, "AWS::RDS::DBProxy")]
    used = {subnet["Ref"] for group in groups for subnet in group}
    assert used
    assert not used & with_a_way
    data = next(name for name, p in of_type(resources, "AWS::EC2::SecurityGroup")
                if p["GroupDescription"] == "MariaDB and Valkey")  # fmt: skip
    [nowhere] = resources[data]["Properties"]["SecurityGroupEgress"]
    assert nowhere["CidrIp"] == "255.255.255.255/32"
    outward = [p["GroupId"] for _, p in of_type(resources, "AWS::EC2::SecurityGroupEgress")]
    assert {"Fn::GetAtt": [data, "GroupId"]} not in outward


@pytest.mark.parametrize("stack", DATA_STACKS)
def test_security_groups_admit_each_other_by_name_and_nobody_by_address(assembly: Assembly, stack: str) -> None:
    resources = assembly.resources(stack)
    for name, properties in of_type(resources, "AWS::EC2::SecurityGroup"):
        assert not properties.get("SecurityGroupIngress"), name
        for rule in properties.get("SecurityGroupEgress", []):
            assert rule["CidrIp"] == "255.255.255.255/32" or (rule["FromPort"], rule["ToPort"]) == (443, 443)
    for name, rule in of_type(resources, "AWS::EC2::SecurityGroupIngress"):
        assert "SourceSecurityGroupId" in rule, name
    assert "DefaultSecurityGroup" not in json.dumps(resources)  # the group that cannot be closed stays empty


@pytest.mark.parametrize("stack", DATA_STACKS)
def test_one_door_out_and_s3_without_it(assembly: Assembly, stack: str) -> None:
    resources = assembly.resources(stack)
    gateways = list(of_type(resources, "AWS::EC2::NatGateway"))
    instances = [p for _, p in of_type(resources, "AWS::EC2::Instance")]
    assert len(gateways) + len(instances) == 1
    assert bool(instances) is (stack in ("dbsbm-dev-data", "dbsbm-staging-data", "small-data"))
    for instance in instances:
        assert instance["SourceDestCheck"] is False
        assert instance["MetadataOptions"]["HttpTokens"] == "required"
        assert "tcp dport 443 accept" in json.dumps(instance["UserData"])
    [(_, endpoint)] = of_type(resources, "AWS::EC2::VPCEndpoint")
    assert endpoint.get("VpcEndpointType", "Gateway") == "Gateway"
    assert len(endpoint["RouteTableIds"]) == 6  # public, functions and data, in two zones each


@pytest.mark.parametrize("stack", FUNCTION_STACKS)
def test_functions_are_those_of_the_catalog_with_its_settings(assembly: Assembly, stack: str) -> None:
    resources = assembly.code(stack)
    deployed = [properties for _, properties in of_type(resources, "AWS::Lambda::Function")]
    wanted = (with_proxy(CATALOG) if stack.startswith("grown") else CATALOG).functions
    assert len(deployed) == len(wanted)
    for function in wanted:
        properties = _function(resources, function.name)
        assert properties["Handler"] == f"{function.name}.handler.handler"
        assert (properties["MemorySize"], properties["Timeout"]) == (function.memory_mb, function.timeout_s)
        assert ("VpcConfig" in properties) is (function.network == "data")
        assert properties["TracingConfig"] == {"Mode": "Active"}
        given = {"DBSBM_STAGE", "DBSBM_FUNCTION", "DBSBM_FUNCTION_PREFIX"}
        assert set(properties["Environment"]["Variables"]) == {*function.environment, *given}
        assert properties.get("ReservedConcurrentExecutions", function.concurrency) == function.concurrency


def test_routes_are_those_of_the_catalog(functions: Resources) -> None:
    deployed = {p["RouteKey"] for _, p in of_type(functions, "AWS::ApiGatewayV2::Route")}
    wanted = {f"{t.method} {t.path}" for f in CATALOG.functions for t in f.triggers if isinstance(t, HttpRoute)}
    assert deployed == wanted


def test_schedules_are_those_of_the_catalog(functions: Resources) -> None:
    deployed = sorted(
        (p["Name"], p["ScheduleExpression"], p["Target"]["RetryPolicy"]["MaximumEventAgeInSeconds"])
        for _, p in of_type(functions, "AWS::Scheduler::Schedule")
    )
    wanted = sorted(
        (f"dbsbm-prod-{f.name}-{index}", t.expression, t.max_age_s)
        for f in CATALOG.functions for index, t in enumerate(f.triggers) if isinstance(t, Schedule)
    )  # fmt: skip
    assert deployed == wanted


def _wanted_actions(function: Function) -> set[str]:
    actions = {"logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage"}
    actions |= {action for permit in function.permits for action in permit.actions}
    actions |= {action for action in ANYWHERE if action.startswith("xray:")}
    if function.network == "data":
        actions |= {action for action in ANYWHERE if action.startswith("ec2:")}
    if "DATABASE_URL" in function.environment:
        actions.add("rds-db:connect")
    if "REDIS_URL" in function.environment:
        actions.add("elasticache:Connect")
    kinds = {permit.resource.kind for permit in function.permits}
    return (
        actions
        | ({"kms:Decrypt"} if "secret" in kinds or "s3:GetObject" in actions else set())
        | ({"kms:GenerateDataKey"} if actions & {"s3:PutObject", "secretsmanager:PutSecretValue"} else set())
    )


@pytest.mark.parametrize("function", CATALOG.functions, ids=lambda function: function.name)
def test_a_role_allows_what_the_catalog_permits_and_nothing_else(functions: Resources, function: Function) -> None:
    statements = _policy(functions, function.name)
    assert {action for s in statements for action in _listed(s["Action"])} == _wanted_actions(function)
    for permit in function.permits:
        plain = re.sub(r"[^A-Za-z0-9]", "", BY_RDS.get(permit.resource.name, permit.resource.name))
        matching = [s for s in statements if set(permit.actions) <= set(_listed(s["Action"]))]
        assert plain in re.sub(r"[^A-Za-z0-9]", "", json.dumps([s["Resource"] for s in matching])), permit
    for action in ("secretsmanager:GetSecretValue", "s3:PutObject", "lambda:InvokeFunction"):
        named = [_listed(s["Resource"]) for s in statements if action in _listed(s["Action"])]
        permitted = [permit for permit in function.permits if action in permit.actions]
        assert sum(map(len, named)) == len(permitted), action


@pytest.mark.parametrize("stack", FUNCTION_STACKS)
def test_everything_calls_the_alias_live(assembly: Assembly, stack: str) -> None:
    resources = assembly.code(stack)
    aliases = {name for name, p in of_type(resources, "AWS::Lambda::Alias") if p["Name"] == "live"}
    assert len(aliases) == len(CATALOG.functions)
    targets = [p["Target"]["Arn"] for _, p in of_type(resources, "AWS::Scheduler::Schedule")]
    targets += [p["IntegrationUri"] for _, p in of_type(resources, "AWS::ApiGatewayV2::Integration")]
    targets += [p["FunctionName"] for _, p in of_type(resources, "AWS::Lambda::Permission")]
    assert all(target.get("Ref") in aliases for target in targets)
    configured = [p["Qualifier"] for _, p in of_type(resources, "AWS::Lambda::EventInvokeConfig")]
    assert len(configured) == len(CATALOG.functions)
    assert all(any(alias in json.dumps(qualifier) for alias in aliases) for qualifier in configured)
    for _, name, statement in _allowed(resources):
        if "lambda:InvokeFunction" in _listed(statement["Action"]):
            for resource in _listed(statement["Resource"]):
                live = resource.get("Ref") in aliases or json.dumps(resource).endswith(':live"]]}')
                assert live or _for_the_check(name, resource), (name, resource)
    assert "$LATEST" not in json.dumps(resources)


def _for_the_check(policy: str, resource: Any) -> bool:
    """The check asks versions by number before ``live`` points at them, and CodeDeploy asks the check itself."""
    asked = json.dumps(resource)
    if policy.startswith("Functiondeploymentcheck"):
        return "CurrentVersion" in asked
    return policy.startswith("ShiftMayAsk") and "Functiondeploymentcheck" in asked


def test_the_connections_of_two_versions_fit_into_the_database() -> None:
    held = sum(function.concurrency for function in CATALOG.functions if "DATABASE_URL" in function.environment)
    allowed = int(parameters()["max_connections"]) - CONNECTIONS_FOR_PEOPLE
    assert held * VERSIONS_AT_ONCE <= allowed, f"{held} × {VERSIONS_AT_ONCE} > {allowed}"


def test_without_reserving_no_function_reserves(assembly: Assembly) -> None:
    for name, properties in of_type(assembly.resources("small-functions"), "AWS::Lambda::Function"):
        assert "ReservedConcurrentExecutions" not in properties, name


@pytest.mark.parametrize("stack", FUNCTION_STACKS)
def test_the_side_of_the_database_can_neither_sign_nor_touch_what_is_signed(assembly: Assembly, stack: str) -> None:
    resources = assembly.code(stack)
    signers, writers = set(), set()
    for function in CATALOG.functions:
        for statement in _policy(resources, function.name):
            actions, where = set(_listed(statement["Action"])), json.dumps(statement["Resource"])
            if "kms:Sign" in actions:
                signers.add(function.name)
            if "Bucketcheckpoints" in where and actions & {"s3:PutObject", "s3:DeleteObject"}:
                writers.add(function.name)
            if "Bucketkeyring" not in where:  # a key that is shredded there takes nothing signed along
                assert not actions & {"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"}
    assert signers == writers == {"job_audit_sign"}
    signer = CATALOG.function("job_audit_sign")
    assert "DATABASE_URL" not in signer.environment
    assert "VpcConfig" not in _function(resources, "job_audit_sign")


@pytest.mark.parametrize("stack", RECORD_STACKS)
def test_what_is_locked_stands_apart_and_is_locked_as_long_as_said(assembly: Assembly, stack: str) -> None:
    resources = assembly.resources(stack)
    locked = [b for _, b in of_type(resources, "AWS::S3::Bucket") if b.get("ObjectLockEnabled")]
    wanted = [bucket.locked_days for bucket in CATALOG.buckets if bucket.locked_days]
    rules = [bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"] for bucket in locked]
    mode = "COMPLIANCE" if stack == "grown-records" else "GOVERNANCE"
    assert rules == [{"Days": days, "Mode": mode} for days in wanted]
    for other in ("data", "functions"):
        beside = assembly.resources(stack.replace("records", other))
        assert not [b for _, b in of_type(beside, "AWS::S3::Bucket") if b.get("ObjectLockEnabled")]


@pytest.mark.parametrize("stack", DATA_STACKS)
def test_the_keys_of_records_stay_when_its_stack_goes(assembly: Assembly, stack: str) -> None:
    resources = assembly.resources(stack)
    keys = [r for r in resources.values() if r["Type"] == "AWS::KMS::Key" and "KeySpec" in r["Properties"]]
    assert [(k["Properties"]["KeySpec"], k["DeletionPolicy"]) for k in keys] == [("ECC_NIST_P256", "Retain")]
    # It opens what was sealed before the stack went.
    [wraps] = [
        r for name, r in resources.items() if name.startswith("KeysEncryptionbackups") and r["Type"] == "AWS::KMS::Key"
    ]
    assert (wraps["Properties"]["EnableKeyRotation"], wraps["DeletionPolicy"]) == (True, "Retain")


@pytest.mark.parametrize("stack", RECORD_STACKS)
def test_backups_outlive_their_35_days_and_then_are_gone_for_good(assembly: Assembly, stack: str) -> None:
    [bucket] = [bucket for bucket in CATALOG.buckets if bucket.name == "backups"]
    assert bucket.locked_days is not None
    assert bucket.locked_days >= 35 + FULL_EVERY.days + 1
    assert bucket.expire_days == bucket.locked_days + 1
    assert KEPT_FOR_BACKUPS.days >= bucket.expire_days + 2, "a replaced key opens what any backup has under it"
    resources = assembly.resources(stack)
    [made] = [p for name, p in of_type(resources, "AWS::S3::Bucket") if name.startswith("StorageBucketbackups")]
    [rule] = made["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == bucket.expire_days
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}

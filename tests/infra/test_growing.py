"""Each way to grow changes what it says, and nothing that people rely on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dbsbm.accounts.model import PROXY
from infra.catalog import SHIFTED
from infra.cdk.database import TLS_ONLY, aurora_parameters, parameters
from infra.cdk.options import options_from
from infra.cdk.stage import stage_named
from tests.infra.conftest import Assembly, Resources, of_type

pytestmark = pytest.mark.xdist_group("synth")


def _one(resources: Resources, kind: str) -> dict[str, Any]:
    [(_, properties)] = of_type(resources, kind)
    return properties


def _environments(resources: Resources, variable: str) -> list[str]:
    found = [p["Environment"]["Variables"] for _, p in of_type(resources, "AWS::Lambda::Function")]
    return [json.dumps(variables[variable]) for variables in found if variable in variables]


def _signs_in_as(resources: Resources) -> str:
    documents = [p["PolicyDocument"] for _, p in of_type(resources, "AWS::IAM::ManagedPolicy")]
    return json.dumps([s for d in documents for s in d["Statement"] if "rds-db:connect" in json.dumps(s["Action"])])


def test_with_the_proxy_functions_sign_in_to_it_and_it_knows_a_password(assembly: Assembly) -> None:
    data, functions = assembly.resources("grown-data"), assembly.resources("grown-functions")
    proxy = _one(data, "AWS::RDS::DBProxy")
    assert (proxy["RequireTLS"], proxy["EngineFamily"]) == (True, "MYSQL")
    assert [auth["IAMAuth"] for auth in proxy["Auth"]] == ["REQUIRED"]
    others = ("dbsbm_checker", "dbsbm_reader")
    urls = [url for url in _environments(functions, "DATABASE_URL") if not any(name in url for name in others)]
    assert urls
    assert all("dbsbm_proxy" in url and "Proxy" in url and "auth=iam" in url for url in urls)
    assert "Proxy" in _signs_in_as(functions)


def test_the_proxy_s_password_is_read_by_it_and_by_who_gives_it_to_the_account(assembly: Assembly) -> None:
    data, schema = assembly.resources("grown-data"), assembly.resources("grown-schema")
    secrets = dict(of_type(data, "AWS::SecretsManager::Secret"))
    [(secret, made)] = [(name, p) for name, p in secrets.items() if p["Name"] == "dbsbm/prod/database-proxy"]
    assert made["GenerateSecretString"]["SecretStringTemplate"] == json.dumps({"username": PROXY})
    [proxy] = [p["Auth"][0]["SecretArn"] for _, p in of_type(data, "AWS::RDS::DBProxy")]
    assert proxy == {"Ref": secret}
    [role] = [p for _, p in of_type(data, "AWS::IAM::Role") if p.get("RoleName") == "dbsbm-prod-database_proxy"]
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": "rds.amazonaws.com"}
    code = {**schema, **assembly.resources("grown-functions")}
    reading = [name for name, p in of_type(code, "AWS::IAM::ManagedPolicy") if "ProxyAccount" in json.dumps(p)]
    assert [name.startswith("Functiondatabasebirth") for name in reading] == [True]
    [birth] = [p for _, p in of_type(schema, "AWS::Lambda::Function") if p["FunctionName"].endswith("database_birth")]
    assert "ProxyAccount" in json.dumps(birth["Environment"]["Variables"]["DATABASE_PROXY_SECRET"])
    assert "dbsbm_app" in json.dumps(birth["Environment"]["Variables"]["DATABASE_APP_URL"])  # which stays
    [told] = _environments(assembly.resources("grown-functions"), "SECRET_READERS")
    assert json.loads(json.loads(told))["database-proxy"] == ["database_proxy", "database_birth"]


def test_without_the_proxy_there_is_none_and_functions_reach_the_instance(
    data: Resources, functions: Resources
) -> None:
    assert not list(of_type(data, "AWS::RDS::DBProxy"))
    assert all("DatabaseInstance" in url for url in _environments(functions, "DATABASE_URL"))
    assert "DatabaseInstance" in _signs_in_as(functions)


def test_the_replica_copies_the_instance_and_is_as_closed(assembly: Assembly, data: Resources) -> None:
    instances = dict(of_type(assembly.resources("grown-data"), "AWS::RDS::DBInstance"))
    [replica] = [p for p in instances.values() if "SourceDBInstanceIdentifier" in p]
    [source] = [p for p in instances.values() if "SourceDBInstanceIdentifier" not in p]
    for setting in ("PubliclyAccessible", "EnableIAMDatabaseAuthentication", "VPCSecurityGroups", "DBInstanceClass"):
        assert replica[setting] == source[setting], setting
    assert len(list(of_type(data, "AWS::RDS::DBInstance"))) == 1


def test_aurora_has_the_same_rules_under_its_own_names(assembly: Assembly) -> None:
    resources, functions = assembly.resources("aurora-data"), assembly.resources("aurora-functions")
    cluster = _one(resources, "AWS::RDS::DBCluster")
    assert cluster["Engine"] == "aurora-mysql"
    assert cluster["StorageEncrypted"] is True
    assert cluster["DeletionProtection"] is True
    assert cluster["EnableIAMDatabaseAuthentication"] is True
    assert cluster["ManageMasterUserPassword"] is True
    assert "MasterUserPassword" not in cluster
    assert cluster["BackupRetentionPeriod"] == 35
    members = [p for _, p in of_type(resources, "AWS::RDS::DBInstance")]
    assert len(members) == 3  # writer, the reader of Multi-AZ, the replica
    assert not [member for member in members if member.get("PubliclyAccessible")]
    group = _one(resources, "AWS::RDS::DBClusterParameterGroup")
    assert group["Parameters"] == {**aurora_parameters(), **TLS_ONLY}
    assert all("DatabaseCluster" in url for url in _environments(functions, "DATABASE_URL"))
    assert "DatabaseCluster" in _signs_in_as(functions)


def test_both_engines_are_told_the_same() -> None:
    same = set(parameters().items()) & set(aurora_parameters().items())
    assert {name for name, _ in same} >= {"sql_mode", "time_zone", "innodb_lock_wait_timeout", "max_connections"}
    assert aurora_parameters()["transaction_isolation"] == parameters()["tx_isolation"]


def test_a_domain_replaces_the_address_that_aws_gives(assembly: Assembly) -> None:
    resources = assembly.resources("small-functions")
    assert _one(resources, "AWS::ApiGatewayV2::DomainName")["DomainName"] == "bets.example.org"
    assert _one(resources, "AWS::ApiGatewayV2::Api")["DisableExecuteApiEndpoint"] is True
    assert len(list(of_type(resources, "AWS::ApiGatewayV2::ApiMapping"))) == 1


@pytest.mark.parametrize(("stage", "shifts"), [("dev", False), ("staging", True), ("prod", True)])
def test_new_versions_take_over_by_tenths_and_go_back_on_an_alarm(assembly: Assembly, stage: str, shifts: bool) -> None:
    resources = assembly.resources(f"dbsbm-{stage}-functions")
    groups = {p["DeploymentGroupName"]: p for _, p in of_type(resources, "AWS::CodeDeploy::DeploymentGroup")}
    assert set(groups) == (set(SHIFTED) if shifts else set())
    alarms = {name: p["AlarmName"] for name, p in of_type(resources, "AWS::CloudWatch::Alarm")}
    for name, group in groups.items():
        assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"
        assert group["AlarmConfiguration"]["Enabled"] is True
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
        watching = [alarms[alarm["Name"]["Ref"]] for alarm in group["AlarmConfiguration"]["Alarms"]]
        assert f"dbsbm-{stage}-{name}-errors" in watching
    policies = [r.get("UpdatePolicy", {}) for r in resources.values() if r["Type"] == "AWS::Lambda::Alias"]
    shifts_by = [policy["CodeDeployLambdaAliasUpdate"] for policy in policies if policy]
    assert len(shifts_by) == len(groups)
    check = next(name for name, p in of_type(resources, "AWS::Lambda::Function")
                 if p["FunctionName"] == f"dbsbm-{stage}-deployment_check")  # fmt: skip
    assert all(update["BeforeAllowTrafficHook"] == {"Ref": check} for update in shifts_by)


@pytest.mark.parametrize("wrong", [{"egress": "door"}, {"reserve": "maybe"}, {"database": "oracle"}, {"domain": "a.b"}])
def test_a_choice_that_is_not_there_is_refused_by_name(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        options_from(wrong.get, stage_named("dev"))

"""How secrets change, who is told of their readers, and who signs in to the database, read from the templates."""

from __future__ import annotations

import json

import pytest

from infra.catalog import CATALOG, ROTATION_DAYS, EventRule, SigningKey
from infra.cdk.database import ACCOUNTS
from infra.cdk.proxy import ACCOUNT
from tests.infra.conftest import Assembly, Resources, of_type

pytestmark = pytest.mark.xdist_group("synth")
BY_HAND = {"canary-key": "its public half is a setting of the front door: both change with one deployment"}
"""Made by us and changed by an operator all the same."""
PREFIXES = ("dbsbm-dev", "dbsbm-prod", "grown", "aurora")


def _plain(text: str) -> str:
    return text.replace("-", "").replace("_", "")


def test_each_secret_has_one_way_to_change() -> None:
    for secret in CATALOG.secrets:
        assert not (secret.rotated_by and secret.made_by_rds), secret.name
        assert not secret.generated_bytes or secret.rotated_by or secret.name in BY_HAND, secret.name
    staged = {secret.name for secret in CATALOG.secrets if not secret.rotated_by and not secret.made_by_rds}
    promoted = {p.resource.name for p in CATALOG.function("job_secrets").permits
                if "secretsmanager:UpdateSecretVersionStage" in p.actions}  # fmt: skip
    assert promoted == staged


@pytest.mark.parametrize("prefix", PREFIXES)
def test_what_we_make_ourselves_is_changed_every_ninety_days_by_the_alias(assembly: Assembly, prefix: str) -> None:
    resources = assembly.resources(f"{prefix}-functions")
    found = {}
    for _, schedule in of_type(resources, "AWS::SecretsManager::RotationSchedule"):
        assert schedule["RotationRules"] == {"AutomaticallyAfterDays": ROTATION_DAYS}
        assert schedule["RotateImmediatelyOnUpdate"] is True
        assert "Live" in schedule["RotationLambdaARN"]["Ref"]
        found[_plain(json.dumps(schedule["SecretId"]))] = schedule["RotationLambdaARN"]["Ref"]
    wanted = [secret for secret in CATALOG.secrets if secret.rotated_by]
    assert len(found) == len(wanted)
    for secret in wanted:
        [alias] = [alias for name, alias in found.items() if _plain(secret.name) in name]
        assert _plain(str(secret.rotated_by)) in alias


@pytest.mark.parametrize("prefix", PREFIXES)
def test_no_secret_begins_with_a_filling_that_would_pass_for_its_value(assembly: Assembly, prefix: str) -> None:
    """The step *secrets* of a deployment fills what is empty, and asks for what only the operator has."""
    found = dict(of_type(assembly.resources(f"{prefix}-data"), "AWS::SecretsManager::Secret"))
    filled = {p["Name"].rpartition("/")[2] for p in found.values() if "GenerateSecretString" in p}
    ours = {secret.name for secret in CATALOG.secrets if secret.filled_by_rotation}
    assert filled - {"edge-token", "database-proxy"} == ours == {"database-reporting"}


@pytest.mark.parametrize("prefix", PREFIXES)
def test_secrets_manager_invokes_for_this_account_s_secret_alone(assembly: Assembly, prefix: str) -> None:
    allowed = [p for _, p in of_type(assembly.resources(f"{prefix}-functions"), "AWS::Lambda::Permission")
               if p["Principal"] == "secretsmanager.amazonaws.com"]  # fmt: skip
    assert len(allowed) == sum(bool(secret.rotated_by) for secret in CATALOG.secrets)
    assert all("SourceArn" in p and p["SourceAccount"] == {"Ref": "AWS::AccountId"} for p in allowed)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_reads_of_secrets_reach_the_function_that_notes_them(assembly: Assembly, prefix: str) -> None:
    """Reading is an event of the kind that a rule sees in this state alone, and only where a trail records it."""
    wanted = [rule for f in CATALOG.functions for rule in f.triggers if isinstance(rule, EventRule)]
    rules = [p for _, p in of_type(assembly.resources(f"{prefix}-functions"), "AWS::Events::Rule")]
    assert [set(rule["EventPattern"]["detail"]["eventName"]) for rule in rules] == [set(r.names) for r in wanted]
    assert {rule["State"] for rule in rules} == {"ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}
    [(_, trail)] = of_type(assembly.resources(f"{prefix}-data"), "AWS::CloudTrail::Trail")
    [selector] = trail["EventSelectors"]
    assert (selector["IncludeManagementEvents"], selector["ReadWriteType"]) == (True, "All")
    [data] = selector["DataResources"]
    [invoked] = [p for _, p in of_type(assembly.resources(f"{prefix}-functions"), "AWS::Lambda::Function")
                 if p["FunctionName"].endswith("-reveal")]  # fmt: skip
    assert json.dumps(data["Values"]).count(f":function:{invoked['FunctionName']}") == 1, "who takes people's months"
    assert (trail["IsLogging"], trail["EnableLogFileValidation"]) == (True, True)
    assert "KMSKeyId" in trail


def test_where_the_account_has_a_trail_there_is_no_second_one(assembly: Assembly) -> None:
    assert not list(of_type(assembly.resources("small-data"), "AWS::CloudTrail::Trail"))


def test_the_readers_told_of_are_those_that_the_catalog_permits(functions: Resources) -> None:
    [told] = [p["Environment"]["Variables"]["SECRET_READERS"] for _, p in of_type(functions, "AWS::Lambda::Function")
              if p["FunctionName"] == "dbsbm-prod-secret_access"]  # fmt: skip
    wanted: dict[str, set[str]] = {}
    for function in CATALOG.functions:
        for permit in function.permits:
            if "secretsmanager:GetSecretValue" in permit.actions:
                wanted.setdefault(permit.resource.name, set()).add(function.name)
    assert {secret: set(names) for secret, names in json.loads(told).items()} == wanted


@pytest.mark.parametrize("prefix", PREFIXES)
def test_each_function_signs_in_as_the_account_its_work_needs(assembly: Assembly, prefix: str) -> None:
    code = assembly.code(f"{prefix}-functions")
    signs_in = {}
    for _, role in of_type(code, "AWS::IAM::Role"):
        name = str(role.get("RoleName", "")).partition("-")[2].partition("-")[2]
        for policy in role["ManagedPolicyArns"]:
            document = (
                code.get(policy.get("Ref", ""), {}).get("Properties", {}).get("PolicyDocument", {"Statement": []})
            )
            for statement in document["Statement"]:
                if statement["Action"] == "rds-db:connect":
                    asked = json.dumps(statement["Resource"])
                    signs_in[name] = {a for a in (*ACCOUNTS.values(), ACCOUNT) if f"/{a}" in asked}
    assert signs_in.pop("database_migrate") == {"dbsbm_migrations"}
    assert signs_in.pop("database_query") == {"dbsbm_reader"}
    assert signs_in.pop("job_restore_check") == {"dbsbm_checker"}
    assert signs_in
    assert all(accounts == {"dbsbm_proxy" if prefix == "grown" else "dbsbm_app"} for accounts in signs_in.values())
    assert not signs_in.keys() & {"database_birth", "rotate_reporting"}


@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_address_of_the_database_names_the_roots_to_believe(assembly: Assembly, prefix: str) -> None:
    for _, function in of_type(assembly.code(f"{prefix}-functions"), "AWS::Lambda::Function"):
        for name, value in function["Environment"]["Variables"].items():
            if name.startswith("DATABASE_") and name.endswith("_URL"):
                proxied = prefix == "grown" and ACCOUNT in json.dumps(value)
                assert f'auth=iam&ssl_ca=rds{"-proxy" if proxied else ""}"' in json.dumps(value).replace('\\"', '"')


@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_master_s_secret_is_rds_s_own_under_our_key(assembly: Assembly, prefix: str) -> None:
    resources = assembly.resources(f"{prefix}-data")
    kind = "AWS::RDS::DBCluster" if prefix == "aurora" else "AWS::RDS::DBInstance"
    masters = [p for _, p in of_type(resources, kind) if p.get("ManageMasterUserPassword")]
    assert len(masters) == 1
    assert "KmsKeyId" in masters[0]["MasterUserSecret"]


def test_a_further_generation_of_a_signing_key_takes_the_alias_and_the_one_before_stays(assembly: Assembly) -> None:
    """KMS rotates no key of two halves. ``assembly`` puts node on the path."""
    import aws_cdk as cdk  # noqa: PLC0415 — needs node
    from aws_cdk.assertions import Template  # noqa: PLC0415

    from infra.cdk.keys import Keys  # noqa: PLC0415
    from infra.cdk.stage import stage_named  # noqa: PLC0415

    assert assembly.out.exists()
    stack = cdk.Stack(cdk.App(), "keys")
    Keys(stack, "Keys", stage=stage_named("prod"), catalog=[SigningKey("audit", "Signs.", generation=2)])
    template = Template.from_stack(stack).to_json()["Resources"]
    signing = {name: r for name, r in template.items() if r["Properties"].get("KeySpec") == "ECC_NIST_P256"}
    assert [resource["DeletionPolicy"] for resource in signing.values()] == ["Retain", "Retain"]
    [(_, alias)] = of_type(template, "AWS::KMS::Alias")
    assert alias["AliasName"] == "alias/dbsbm-prod-audit"
    [newest] = [name for name in signing if "audit2" in name]
    assert alias["TargetKeyId"] == {"Fn::GetAtt": [newest, "Arn"]}

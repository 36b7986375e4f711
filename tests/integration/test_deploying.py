"""``./dev deploy`` step by step against moto and the Discord simulator: in order, repeatable, and written down."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from dbsbm.core.clock import SystemClock
from dbsbm.core.secrets import ring
from dbsbm.security.blind_index import BlindIndex
from infra.catalog import CATALOG, SHIFTED
from infra.cdk.options import options_from
from infra.cdk.stage import stage_named
from local.deploy.account import Account, DeployError
from local.deploy.history import Entry, Step
from local.deploy.quotas import Fit, fits
from local.deploy.running import deploy, history
from local.deploy.steps import KEPT_VERSIONS, STEPS, Deployment, live_versions
from local.discord_simulator.server import SimulatorServer
from local.run.deploying import line
from tests.e2e.world import World, opened, settings_of

REGION = "us-east-1"
ENDPOINT = "https://api.example.org/discord/interactions"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws(config={"lambda": {"use_docker": False}}):
        yield Account()


class Cdk:
    """The CDK's command line: what it was told, and what a deployment leaves behind in the account."""

    def __init__(self, fails_at: str = "") -> None:
        self.said: list[Sequence[str]] = []
        self.fails_at = fails_at

    def __call__(self, words: Sequence[str]) -> None:
        self.said.append(words)
        names = [word for word in words if word.startswith("dbsbm-")]
        if self.fails_at in names:
            raise DeployError("cdk deploy ended with status 1: see above")
        if words[0] == "bootstrap":
            boto3.client("ssm", REGION).put_parameter(
                Name="/cdk-bootstrap/hnb659fds/version", Value="30", Type="String", Overwrite=True
            )
        for name in names:
            _make(name)


def _make(stack: str) -> None:
    formation = boto3.client("cloudformation", REGION)
    if stack in {found["StackName"] for found in formation.describe_stacks()["Stacks"]}:
        return
    resources: dict[str, Any] = {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": f"{stack}-one"}}}
    outputs = {
        "DeploymentsBucket": {"Value": {"Ref": "Bucket"}},
        "InteractionsEndpoint": {"Value": ENDPOINT},
    }
    formation.create_stack(StackName=stack, TemplateBody=json.dumps({"Resources": resources, "Outputs": outputs}))
    if stack.endswith("-data"):
        manager = boto3.client("secretsmanager", REGION)
        for secret in CATALOG.secrets:
            if secret.made_by_rds:
                continue
            manager.create_secret(Name=f"dbsbm/staging/{secret.name}")
    if stack.endswith("-functions"):
        _make_functions()


def _make_functions() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("handler.py", "")
    roles = boto3.client("iam", REGION)
    role = roles.create_role(RoleName="any", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    client = boto3.client("lambda", REGION)
    for function in CATALOG.functions:
        name = f"dbsbm-staging-{function.name}"
        client.create_function(
            FunctionName=name, Role=role, Handler="handler.handler", Runtime="python3.13",
            Code={"ZipFile": archive.getvalue()}, Publish=True,
        )  # fmt: skip
        client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world


@pytest.fixture
def discord(world: World, database_url: str) -> Iterator[dict[str, str]]:
    server = SimulatorServer(world.simulator, 0)
    server.start()
    settings = settings_of(world.simulator, database_url)
    yield {**settings, "DISCORD_API_BASE_URL": f"http://127.0.0.1:{server.port}/api/v10"}
    server.stop()


def _deployment(aws: Account, cdk: Cdk, environ: dict[str, str]) -> Deployment:
    choices = {"discord_application_id": environ["DISCORD_APPLICATION_ID"], "discord_public_key": "0" * 64}
    return Deployment("staging", choices, aws, cdk, environ)


def _names_of_stacks(cdk: Cdk) -> list[list[str]]:
    return [[word for word in words if word.startswith(("dbsbm-", "bootstrap"))] for words in cdk.said]


def _steps() -> list[str]:
    """moto runs no function's code and knows no account's concurrency: these steps have tests of their own."""
    return [name for name in STEPS if name not in ("doctor", "migrate", "contract")]


def test_a_first_deployment_goes_through_every_step_and_a_second_changes_nothing(
    aws: Account, discord: dict[str, str]
) -> None:
    cdk, said = Cdk(), list[str]()
    deployment = _deployment(aws, cdk, discord)
    entry = deploy(deployment, _steps(), commit="c" * 40, say=said.append)
    assert entry.outcome == "succeeded", said
    assert [step.name for step in entry.steps] == _steps()
    parts = _names_of_stacks(cdk)
    assert parts[0] == ["bootstrap"]
    assert parts[1][:2] == ["dbsbm-staging-data", "dbsbm-staging-records"]
    assert parts[-2:] == [["dbsbm-staging-functions"], ["dbsbm-staging-watch"]]
    assert any("canary_public_key=" in word for word in cdk.said[-1])
    assert not any("canary_public_key=" in word for word in cdk.said[1])  # made in between, by the step secrets
    assert entry.versions == dict.fromkeys(SHIFTED, "1")
    details = {step.name: step.detail for step in entry.steps}
    assert "token-key" in details["secrets"]
    assert details["endpoint"] == f"registered {ENDPOINT}"
    kept = {secret.name: aws.secret(f"dbsbm/staging/{secret.name}") for secret in CATALOG.secrets}
    assert kept["token-key"]

    again = deploy(deployment, _steps(), commit="d" * 40, say=said.append)
    details = {step.name: step.detail for step in again.steps}
    assert again.outcome == "succeeded"
    assert details["bootstrap"] == "there, version 30"
    assert details["commands"] == "as they are"
    assert details["endpoint"] == "registered before"
    assert kept == {secret.name: aws.secret(f"dbsbm/staging/{secret.name}") for secret in CATALOG.secrets}

    newest, first = history(deployment).latest(5)
    assert {newest.commit, first.commit} == {"d" * 40, "c" * 40}
    assert again in (newest, first)
    assert "arn:aws:sts" in newest.who
    assert "succeeded" in line(newest)


def test_the_first_index_key_goes_on_from_the_token_key_that_named_people_before(
    aws: Account, discord: dict[str, str]
) -> None:
    deployment = _deployment(aws, Cdk(), discord)
    assert deploy(deployment, ["bootstrap", "stacks"], commit="a", say=str).outcome == "succeeded"
    used = ",".join(base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
    aws.client("secretsmanager").put_secret_value(SecretId="dbsbm/staging/token-key", SecretString=used)
    assert deploy(deployment, ["secrets"], commit="a", say=str).outcome == "succeeded"
    made = aws.secret("dbsbm/staging/index-key") or ""
    assert ring(made)[1:] == ring(used)
    assert ring(made)[0] not in ring(used)
    before, now = (BlindIndex(lambda value=value: value, SystemClock()) for value in (used, made))  # type: ignore[misc]
    assert now.keyed("x")[1:] == before.keyed("x")
    assert now.named("x") == before.named("x"), "until everybody has the new one"


def test_a_secret_that_only_the_operator_has_stops_it_with_the_command_to_type(
    aws: Account, discord: dict[str, str]
) -> None:
    environ = {name: value for name, value in discord.items() if name != "DISCORD_BOT_TOKEN"}
    cdk = Cdk()
    entry = deploy(_deployment(aws, cdk, environ), _steps(), commit="e", say=str)
    assert (entry.outcome, entry.steps[-1].name, entry.steps[-1].good) == ("failed", "secrets", False)
    assert "--secret-id dbsbm/staging/discord-bot-token" in entry.steps[-1].detail
    assert ["dbsbm-staging-functions"] not in _names_of_stacks(cdk)


def test_a_shift_that_fails_is_written_down_and_nothing_follows(aws: Account, discord: dict[str, str]) -> None:
    deployment = _deployment(aws, Cdk(), discord)
    deploy(deployment, ["bootstrap", "stacks", "secrets"], commit="f", say=str)
    broken = _deployment(aws, Cdk(fails_at="dbsbm-staging-functions"), discord)
    entry = deploy(broken, _steps(), commit="0", say=str)
    assert entry.outcome == "failed"
    assert entry.steps[-1].name == "shift"
    assert entry in history(broken).latest(2)


def test_old_versions_go_but_never_one_that_is_live(aws: Account, discord: dict[str, str]) -> None:
    deployment = _deployment(aws, Cdk(), discord)
    deploy(deployment, ["stacks", "secrets", "shift"], commit="1", say=str)
    client = aws.client("lambda")
    name = "dbsbm-staging-delivery"
    for number in range(KEPT_VERSIONS + 2):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as zipped:
            zipped.writestr("handler.py", f"# {number}")
        client.update_function_code(FunctionName=name, ZipFile=archive.getvalue(), Publish=True)
    deploy(deployment, ["shift"], commit="2", say=str)
    versions = [v["Version"] for v in client.list_versions_by_function(FunctionName=name)["Versions"]]
    numbers = sorted(int(version) for version in versions if version.isdigit())
    assert numbers[0] == 1  # live
    assert len(numbers) == KEPT_VERSIONS + 1
    assert live_versions(deployment)["delivery"] == "1"


def test_an_entry_survives_its_way_into_the_history() -> None:
    step, began = Step("shift", False, 61.5, "api-5xx sounded"), datetime(2026, 11, 22, 8, tzinfo=UTC)
    entry = Entry("prod", began, "abc", "arn:me", "rolled back", (step,), {"delivery": "4"})
    assert Entry.from_json(entry.to_json()) == entry
    assert entry.key == "2026-11-22T08-00-00Z-abc.json"


def _fits(aws: Account, stage: str, concurrency: int, **chosen: str) -> dict[str, Fit]:
    client = aws.client("lambda")
    with Stubber(client) as stub:
        limit = {"ConcurrentExecutions": concurrency, "UnreservedConcurrentExecutions": concurrency}
        for _ in range(2):
            stub.add_response("get_account_settings", {"AccountLimit": limit}, {})
        spec = stage_named(stage)
        return {fit.what: fit for fit in fits(aws, spec, options_from(chosen.get, spec))}


def test_an_account_that_is_too_small_ends_a_deployment_before_anything_shifts(aws: Account) -> None:
    client = aws.client("lambda")
    limit = {"ConcurrentExecutions": 10, "UnreservedConcurrentExecutions": 10}
    with Stubber(client) as stub:
        for _ in range(2):
            stub.add_response("get_account_settings", {"AccountLimit": limit}, {})
        with pytest.raises(DeployError, match="-c reserve=off"):
            STEPS["doctor"](Deployment("staging", {}, aws, Cdk(), {}))


def test_an_account_with_room_fits(aws: Account) -> None:
    found = _fits(aws, "prod", 1000)
    assert found["Lambda concurrency"].good is True
    assert found["VPCs"].good is True


def test_a_new_account_is_too_small_to_reserve_and_is_told_the_switch(aws: Account) -> None:
    small = _fits(aws, "prod", 10)["Lambda concurrency"]
    assert small.good is False
    assert "-c reserve=off" in small.detail
    assert _fits(aws, "prod", 10, reserve="off")["Lambda concurrency"].good is True


def test_a_region_full_of_vpcs_is_named_and_an_existing_stage_needs_no_more(aws: Account) -> None:
    client = aws.client("ec2")
    for number in range(4):  # one is there from the start
        client.create_vpc(CidrBlock=f"10.{number}.0.0/16")
    full = _fits(aws, "dev", 1000)["VPCs"]
    assert full.good is False
    assert "5 used + 1 of this stage, 5 allowed" in full.detail
    _make("dbsbm-dev-data")
    assert _fits(aws, "dev", 1000)["VPCs"].good is True


def test_what_the_account_does_not_say_is_no_failure_and_no_success(aws: Account) -> None:
    assert _fits(aws, "dev", 1000)["database instances"].good is None  # moto knows no quotas of RDS

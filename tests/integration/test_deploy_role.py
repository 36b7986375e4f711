"""The role of GitHub's deployments: whom it trusts, and that it may do what ``./dev deploy`` does and no more."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from botocore.stub import Stubber

from local.deploy.account import Account
from local.deploy.running import deploy
from local.deploy.steps import KEPT_VERSIONS, STEPS, Deployment, rolled_back
from tests.integration.test_deploying import Cdk, aws, discord, world

__all__ = ["aws", "discord", "world"]

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "infra/github/deploy_role.yaml"
NO_CALL_OF_OURS = {
    "sts:AssumeRole": "the CDK's command line takes its own roles",
    "kms:Decrypt": "Secrets Manager and S3 use the key in the role's name",
    "kms:GenerateDataKey": "likewise",
}
NEEDS_NO_RIGHT = {"sts:GetCallerIdentity"}
NAMES = {"lambda:Invoke": "lambda:InvokeFunction", "service-quotas": "servicequotas",
         "secrets-manager": "secretsmanager"}  # fmt: skip
"""Where IAM calls an operation, or a service, something else."""
EVERYWHERE = "QuotasKnowNoNarrowerResource"


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms as lists and texts."""


def _short_form(loader: _Loader, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return node.value


_Loader.add_multi_constructor("!", _short_form)


def _resource(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(TEMPLATE.read_text(), _Loader)["Resources"][name]["Properties"]
    return found


def _statements() -> Iterator[dict[str, Any]]:
    yield from _resource("Policy")["PolicyDocument"]["Statement"]


def test_the_template_is_clean_for_cfn_lint() -> None:
    tool = str(Path(sys.executable).with_name("cfn-lint"))
    done = subprocess.run([tool, str(TEMPLATE)], capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_only_one_environment_of_one_repository_signs_in() -> None:
    [trusted] = _resource("Role")["AssumeRolePolicyDocument"]["Statement"]
    assert trusted["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert trusted["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": "repo:${Repository}:environment:${Environment}",
        }
    }


def test_actions_are_literal_and_only_looking_is_allowed_everywhere() -> None:
    for statement in _statements():
        assert not [action for action in statement["Action"] if "*" in action], statement["Sid"]
        if statement.get("Resource") == "*":
            assert statement["Sid"] == EVERYWHERE
            assert all(
                action.partition(":")[2].startswith(("Describe", "Get", "List")) for action in statement["Action"]
            )
    denied = [statement for statement in _statements() if statement["Effect"] == "Deny"]
    assert [statement["Action"] for statement in denied] == [["lambda:DeleteFunction"]]  # of versions alone


class Asked:
    """Every operation asked of AWS, by IAM's name for it, but for what the CDK's command line asks."""

    def __init__(self) -> None:
        self.actions: set[str] = set()
        self._cdk, self._aside = Cdk(), False

    def note(self, event_name: str, **_more: Any) -> None:
        if not self._aside:
            service, operation = event_name.split(".")[1:]
            spoken = f"{NAMES.get(service, service)}:{operation}"
            self.actions.add(NAMES.get(spoken, spoken))

    def cdk(self, words: Sequence[str]) -> None:
        self._aside = True
        self._cdk(words)
        self._aside = False


def _archive(content: int) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("handler.py", f"# {content}")
    return archive.getvalue()


def test_it_may_do_what_a_deployment_asks_of_aws_and_nothing_else(
    aws: Account, discord: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, session = Asked(), boto3.session.Session()
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    session.events.register("before-parameter-build", asked.note)
    choices = {name: discord[name.upper()] for name in ("discord_application_id", "discord_public_key")}
    deployment = Deployment("staging", {**choices, "egress": "gateway"}, aws, asked.cdk, discord)
    steps = [name for name in STEPS if name not in ("doctor", "migrate", "contract")]
    assert deploy(deployment, steps, commit="c" * 40, say=str).outcome == "succeeded"
    limit = {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 1000}
    with Stubber(aws.client("lambda")) as stub:
        for _ in range(2):
            stub.add_response("get_account_settings", {"AccountLimit": limit}, {})
        STEPS["doctor"](deployment)
    with suppress(ValueError):  # moto runs no function's code
        STEPS["migrate"](deployment)
    for content in range(KEPT_VERSIONS + 1):  # deployments later, an old version has to go
        code = _archive(content)
        aws.client("lambda").update_function_code(FunctionName="dbsbm-staging-delivery", ZipFile=code, Publish=True)
    asked.actions.remove("lambda:UpdateFunctionCode")
    STEPS["shift"](deployment)
    assert not rolled_back(deployment, datetime.now(UTC))
    granted = {action for statement in _statements() for action in statement["Action"]}
    assert asked.actions - NEEDS_NO_RIGHT == granted - set(NO_CALL_OF_OURS)

"""A whole deployment of a stage: every step in order, tables and accounts by the real functions, cut off after each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from dbsbm.database.migrate import migrations
from infra.catalog import CATALOG, SHIFTED
from local.cloud import Cloud
from local.deploy.account import Account
from local.deploy.history import Entry
from local.deploy.running import deploy, history
from local.deploy.steps import STEPS, Deployment
from tests.integration.test_deploying import Cdk, aws, discord, world
from tests.life import Server, server, stage

__all__ = ["aws", "discord", "world"]
ROOM = {"AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 1000}}


class Killed(BaseException):
    """The laptop that deployed is gone."""


class Stage(Account):
    """An account in moto, whose functions that keep the schema run in the local cloud on a MariaDB of their own."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    def invoke(self, function: str, event: Mapping[str, Any]) -> Any:
        return self.cloud.invoke(function.removeprefix("dbsbm-staging-"), dict(event))


@pytest.fixture(scope="module")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server(tmp_path_factory.mktemp("deploy")) as running:
        yield running


def _room(**_: Any) -> tuple[SimpleNamespace, dict[str, Any]]:
    return SimpleNamespace(status_code=200), ROOM


@pytest.fixture
def account(aws: Account, mariadb: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    session = boto3.session.Session()
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    session.events.register("before-call.lambda.GetAccountSettings", _room)  # type: ignore[arg-type]  # answers instead
    with stage(mariadb.settings()) as cloud:
        cloud.messages("failed-invocations")  # moto's state is emptied once, before anything is deployed
        yield Stage(cloud)
    mariadb.empty()


def _deployed(account: Stage, discord: dict[str, str], cdk: Cdk, dies_after: str = "") -> Entry:
    def say(text: str) -> None:
        if dies_after and text.split()[1] == dies_after:
            raise Killed

    choices = {name: discord[name.upper()] for name in ("discord_application_id", "discord_public_key")}
    deployment = Deployment("staging", {**choices, "egress": "gateway"}, account, cdk, discord)
    return deploy(deployment, list(STEPS), commit="c" * 40, say=say)


def _secrets(account: Stage) -> dict[str, str | None]:
    return {each.name: account.secret(f"dbsbm/staging/{each.name}") for each in CATALOG.secrets if not each.made_by_rds}


def test_a_deployment_cut_off_after_each_step_and_begun_again_ends_as_one_that_was_not(
    account: Stage, discord: dict[str, str], mariadb: Server, figure: Any
) -> None:
    cdk, kept = Cdk(), dict[str, str | None]()
    for number, name in enumerate(STEPS, start=1):
        with pytest.raises(Killed):
            _deployed(account, discord, cdk, dies_after=name)
        if number > list(STEPS).index("secrets"):
            kept = kept or _secrets(account)
            assert _secrets(account) == kept, name  # made once, never again
    entry = _deployed(account, discord, cdk)
    details = {step.name: step.detail for step in entry.steps}
    assert (entry.outcome, [step.name for step in entry.steps]) == ("succeeded", list(STEPS))
    assert (details["migrate"], details["contract"]) == ("expand: nothing to do", "contract: nothing to do")
    assert (details["commands"], details["endpoint"]) == ("as they are", "registered before")
    assert entry.versions == dict.fromkeys(SHIFTED, "1")
    assert _secrets(account) == kept
    with mariadb.signed_in("root") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) AS n FROM schema_migrations")
        assert list(cursor.fetchall()) == [{"n": len(migrations())}]
    assert history(Deployment("staging", {}, account, cdk, discord)).latest(1) == [entry]
    figure(f"deployment of a stage: {len(STEPS)} steps, cut off after each and begun again, whole in the end")

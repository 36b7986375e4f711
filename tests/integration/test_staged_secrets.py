"""What operators stage is tested, promoted, kept an eye on and taken back; ages and readers are watched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from dbsbm.core.http import HttpRequest, HttpResponse, TransportError
from dbsbm.rotation.catalogue import keeps, plain_name
from dbsbm.rotation.ring import Kept
from infra.catalog import CATALOG, Function, Schedule
from local.cloud import Cloud, Faults, FunctionError, VirtualClock
from local.cloud.execution import ROOT
from tests.life import labels, manager, rotate, value, version

APPLICATION = "1200000000000000001"
BASE = {
    "DISCORD_APPLICATION_ID": APPLICATION,
    "DISCORD_API_BASE_URL": "https://discord.test/api/v10",
    "ODDS_API_BASE_URL": "https://odds.test",
    "WEATHER_API_BASE_URL": "https://weather.test",
    "API_SPORTS_BASE_URL": "https://{host}.sports.test",
    "DISCORD_BOT_TOKEN": "bot 1",
    "ODDS_API_KEY": "odds 1",
    "WEATHER_API_KEY": "weather 1",
    "API_SPORTS_KEY": "sports 1",
    "OPERATIONS_TOKEN": "operations",
    "CANARY_KEY": "11" * 32,
}
STAGED = ("discord-bot-token", "odds-api-key", "weather-api-key", "api-sports-key")


class Others:
    """Discord and the providers, who take some values and not others; ``away`` and they do not answer."""

    def __init__(self) -> None:
        self.takes = {"bot 1", "bot 2", "odds 1", "odds 2", "weather 1", "weather 2", "sports 1", "sports 2"}
        self.away = False
        self.application = APPLICATION

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self.away:
            raise TransportError("away", sent=False)
        url = urlsplit(request.url)
        if url.hostname == "discord.test" and not request.headers.get("user-agent", "").startswith("DiscordBot ("):
            return HttpResponse(403, {}, b'{"message": "internal network error", "code": 40333}')
        asked = parse_qs(url.query)
        said = [*asked.get("apiKey", []), *asked.get("key", []), request.headers.get("x-apisports-key", "")]
        said.append(request.headers.get("authorization", "").removeprefix("Bot "))
        if not self.takes & set(said):
            return (
                HttpResponse(200, {}, b'{"errors": {"token": "wrong"}}')
                if "sports.test" in request.url
                else HttpResponse(401)
            )
        return HttpResponse(200, {}, json.dumps({"id": self.application, "errors": []}).encode())


def _unscheduled(function: Function) -> Function:
    return replace(function, triggers=[each for each in function.triggers if not isinstance(each, Schedule)])


@pytest.fixture
def others() -> Others:
    return Others()


@pytest.fixture
def cloud(others: Others) -> Iterator[Cloud]:
    quiet = replace(CATALOG, functions=tuple(map(_unscheduled, CATALOG.functions)))
    with Cloud(quiet, settings=BASE, outside=others, clock=VirtualClock(datetime.now(UTC))) as made:
        yield made


def _stage(cloud: Cloud, secret: str, text: str, number: int = 9) -> None:
    manager(cloud, "PutSecretValue", secret, ClientRequestToken=version(number), SecretString=text,
            VersionStages=["AWSPENDING"])  # fmt: skip


def _promote(cloud: Cloud, secret: str) -> Any:
    return cloud.invoke("job_secrets", {"v": 1, "promote": secret})


@pytest.mark.parametrize("secret", STAGED)
def test_a_staged_value_that_works_is_promoted_and_the_one_before_let_go_once_seen_at_work(
    cloud: Cloud, secret: str
) -> None:
    before = value(cloud, secret)
    _stage(cloud, secret, before.replace("1", "2"))
    assert value(cloud, secret) == before
    assert _promote(cloud, secret)["tested"] is True
    assert (value(cloud, secret), value(cloud, secret, "AWSPREVIOUS")) == (before.replace("1", "2"), before)
    assert labels(cloud, secret)[version(9)] == {"AWSCURRENT"}
    cloud.invoke("job_secrets", {})
    assert [each for each in labels(cloud, secret).values() if "AWSPREVIOUS" in each] == []


@pytest.mark.parametrize("secret", STAGED)
def test_a_staged_value_that_is_refused_stays_where_it_is(cloud: Cloud, secret: str) -> None:
    before = value(cloud, secret)
    _stage(cloud, secret, "mistyped")
    with pytest.raises(FunctionError, match="rotation_unhealthy"):
        _promote(cloud, secret)
    assert value(cloud, secret) == before
    assert "mistyped" not in json.dumps(cloud.logs("job_secrets"))


def test_the_canary_s_key_has_nobody_who_could_be_asked(cloud: Cloud) -> None:
    _stage(cloud, "canary-key", "22" * 32)
    assert _promote(cloud, "canary-key") == {"v": 1, "promoted": "canary_key", "tested": False}
    assert value(cloud, "canary-key") == "22" * 32


def test_another_application_s_token_is_refused(cloud: Cloud, others: Others) -> None:
    _stage(cloud, "discord-bot-token", "bot 2")
    others.application = "1"
    with pytest.raises(FunctionError, match="rotation_unhealthy"):
        _promote(cloud, "discord-bot-token")


def test_nothing_is_promoted_while_nobody_can_be_asked(cloud: Cloud, others: Others) -> None:
    _stage(cloud, "odds-api-key", "odds 2")
    others.away = True
    with pytest.raises(FunctionError, match="RotationError"):
        _promote(cloud, "odds-api-key")
    others.away = False
    assert _promote(cloud, "odds-api-key")["promoted"] == "odds_api_key"


def test_what_works_no_longer_after_its_promotion_is_put_back(cloud: Cloud, others: Others) -> None:
    _stage(cloud, "odds-api-key", "odds 2")
    _promote(cloud, "odds-api-key")
    others.takes.discard("odds 2")
    cloud.invoke("job_secrets", {})
    assert value(cloud, "odds-api-key") == "odds 1"
    others.takes.discard("odds 1")
    cloud.invoke("job_secrets", {})
    assert value(cloud, "odds-api-key") == "odds 1"  # neither works: a person decides


def test_with_nothing_staged_or_another_s_secret_it_says_so(cloud: Cloud) -> None:
    with pytest.raises(FunctionError, match="RotationError"):
        _promote(cloud, "odds-api-key")
    with pytest.raises(FunctionError, match="RotationError"):
        _promote(cloud, "token-key")


def test_promotion_is_killed_anywhere_and_done_again(cloud: Cloud, figure: Any) -> None:
    killed = 0
    for crossing in range(1, 40):
        now = value(cloud, "odds-api-key")
        following = "odds 2" if now == "odds 1" else "odds 1"
        _stage(cloud, "odds-api-key", following, 100 + crossing)
        cloud.arm(Faults.kill(crossing=crossing, when="after" if crossing % 2 else "before"))
        try:
            _promote(cloud, "odds-api-key")
        except FunctionError:
            killed += 1
        crossed = len(cloud.crossings)
        cloud.arm(Faults())
        assert value(cloud, "odds-api-key") in (now, following)
        if "AWSPENDING" in labels(cloud, "odds-api-key")[version(100 + crossing)]:
            _promote(cloud, "odds-api-key")
        assert value(cloud, "odds-api-key") == following
        if crossed < crossing:
            break
    figure(f"promotion: killed {killed} times and done again")
    assert killed >= 5


def _ages(cloud: Cloud) -> dict[str, Any]:
    return {each["name"]: each for each in cloud.invoke("job_secrets", {"v": 1, "status": True})["secrets"]}


def test_ages_are_told_and_what_is_overdue_or_stuck_counts(cloud: Cloud) -> None:
    told = _ages(cloud)
    names = {secret.name.replace("-", "_") for secret in CATALOG.secrets}
    assert set(told) == names
    assert not any(each["due"] or each["stuck"] for each in told.values())
    _stage(cloud, "odds-api-key", "odds 2")
    cloud.skip_to(cloud.clock.now() + timedelta(days=98))
    told = _ages(cloud)
    age = told["token_key"].pop("age_days")
    assert 97 <= age <= 98
    assert told["token_key"] == {"name": "token_key", "due": True, "overdue": True, "staged": False, "stuck": False}
    assert (told["odds_api_key"]["staged"], told["odds_api_key"]["stuck"]) == (True, True)
    overdue = [line["secrets_overdue"] for line in cloud.logs("job_secrets") if "secrets_overdue" in line]
    assert overdue[0] == 0
    assert overdue[-1] >= 6


def test_the_operations_token_before_opens_until_the_next_change(cloud: Cloud) -> None:
    def asked(token: str) -> int:
        headers = {"authorization": f"Bearer {token}"}
        return cloud.http(HttpRequest("GET", "http://x/metrics", headers)).status

    rotate(cloud, "rotate_generated", "operations-token", 1)
    first = value(cloud, "operations-token")
    assert asked(first) in (200, 503)
    rotate(cloud, "rotate_generated", "operations-token", 2)
    second = value(cloud, "operations-token").partition(",")[0]
    cloud.advance(11)
    assert {asked(first), asked(second)} <= {200, 503}
    rotate(cloud, "rotate_generated", "operations-token", 3)
    cloud.advance(301)
    assert (asked(first), asked(second) in (200, 503), asked("")) == (401, True, 401)


def _read(secret: str, who: dict[str, Any], **more: Any) -> dict[str, Any]:
    arn = f"arn:aws:secretsmanager:us-east-1:123456789012:secret:dbsbm/prod/{secret}-AbC123"
    detail = {"eventName": "GetSecretValue", "userIdentity": who, "requestParameters": {"secretId": arn}, **more}
    return {"source": "aws.secretsmanager", "detail": detail}


def _role(name: str) -> dict[str, Any]:
    return {"type": "AssumedRole", "sessionContext": {"sessionIssuer": {"userName": name}}}


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (_read("token-key", _role("dbsbm-local-delivery")), True),
        (_read("database-master", {"invokedBy": "rds.amazonaws.com"}), True),
        (_read("token-key", _role("dbsbm-local-job_close")), False),
        (_read("token-key", _role("dbsbm-other-delivery")), False),
        (_read("token-key", {"invokedBy": "rds.amazonaws.com"}), False),
        (_read("token-key", {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/olga"}), False),
        (_read("token-key", _role("dbsbm-local-delivery"), errorCode="AccessDenied"), False),
        (_read("unknown", _role("dbsbm-local-delivery")), False),
        ({"detail": {"eventName": "RotationFailed", "additionalEventData": {"SecretId": "x"}}}, False),
        ({"detail": {"eventName": "DescribeSecret"}}, True),
        ({}, True),
    ],
)
def test_readers_whom_the_catalog_knows_are_expected_and_nobody_else(
    cloud: Cloud, event: dict[str, Any], expected: bool
) -> None:
    assert cloud.invoke("secret_access", event)["expected"] is expected


def test_each_function_that_may_read_a_secret_is_an_expected_reader(cloud: Cloud) -> None:
    for function in CATALOG.functions:
        for permit in function.permits:
            if "secretsmanager:GetSecretValue" in permit.actions:
                event = _read(permit.resource.name, _role(f"dbsbm-local-{function.name}"))
                assert cloud.invoke("secret_access", event)["expected"] is True


def test_the_sample_is_an_expected_read_and_is_noted(cloud: Cloud) -> None:
    sample = json.loads((ROOT / "events/secret_access.json").read_text())
    assert cloud.invoke("secret_access", sample) == {"v": 1, "expected": True}
    [line] = [line for line in cloud.logs("secret_access") if line.get("message") == "a secret was read"]
    assert (line["opened"], line["reader"]) == ("token-key", "delivery")


def test_events_of_aws_come_by_the_rule_s_pattern_and_others_reach_nobody(cloud: Cloud) -> None:
    sample = json.loads((ROOT / "events/secret_access.json").read_text())
    for wrong in ({"source": "aws.s3"}, {"detail-type": "Object Created"}, {"detail": {"eventName": "DescribeSecret"}}):
        assert cloud.emit({**sample, **wrong}) == []
    cloud.run_until_idle()
    before = len(cloud.invocations("secret_access"))
    assert cloud.emit(sample) == ["secret_access"]
    assert cloud.emit({**sample, "detail": {"eventName": "RotationFailed"}}) == ["secret_access"]
    cloud.arm(Faults.kill(crossing=1, when="before"))
    cloud.run_until_idle()
    cloud.arm(Faults())
    cloud.advance(240)  # what was killed comes again, as every asynchronous event does
    done = [each for each in cloud.invocations("secret_access")[before:] if not each.failed]
    assert [each.result["expected"] for each in done] == [False, True]  # the first one, killed, last


def test_who_should_not_have_read_is_named_and_nothing_else_of_the_event_is(cloud: Cloud) -> None:
    olga = "arn:aws:iam::123456789012:user/olga"
    for arn, shown in ((olga, olga), ("planted-secret-value", "unknown")):
        cloud.invoke("secret_access", _read("token-key", {"type": "IAMUser", "arn": arn}, errorCode="planted-secret"))
        line = [line for line in cloud.logs("secret_access") if "somebody else" in str(line.get("message"))][-1]
        assert (line["opened"], line["reader"], line["was_let"]) == ("token-key", shown, False)
    assert "planted" not in json.dumps(cloud.logs("secret_access"))


def test_names_of_secrets_are_read_as_secrets_manager_writes_them() -> None:
    arn = "arn:aws:secretsmanager:eu-west-1:1:secret:dbsbm/prod/operations-token-x1Y2z3"
    assert (plain_name(arn), plain_name("dbsbm/prod/token-key")) == ("operations-token", "token-key")
    kept = "operations-token=2,token-key=180d"
    assert (keeps(kept, arn), keeps(kept, "dbsbm/prod/token-key")) == (Kept(count=2), Kept(days=180))
    assert keeps(kept, "dbsbm/prod/canary-key") == Kept()

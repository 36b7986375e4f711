"""A function reaches what the catalog permits it and nothing else, in process and over the endpoint."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from dbsbm.core.http import HttpRequest, HttpResponse
from infra.catalog import CATALOG
from infra.grants import Grant, every_grant
from local.cloud import Cloud, FunctionError
from local.cloud.execution import REGION, SECRET_KEY, SESSION_TOKEN, Names, access_key_of
from local.cloud.roles import Roles
from tests.grants import USED_IN
from tests.integration.toy_cloud import toy_catalog, toy_cloud

SECRETS = "secretsmanager.GetSecretValue"


@pytest.fixture(scope="module")
def processes() -> Iterator[Cloud]:
    with toy_cloud("processes", settings={"GIVEN_KEY": "given"}) as running:
        yield running


def _client(cloud: Cloud, service: str, function: str) -> Any:
    session = boto3.session.Session(access_key_of(function), SECRET_KEY, SESSION_TOKEN, region_name=REGION)
    config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    return session.client(service, endpoint_url=cloud.endpoint, config=config)  # type: ignore[call-overload]


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def test_in_process_an_invocation_outside_the_role_fails_and_is_told(aws_roles: list[Grant]) -> None:
    with toy_cloud() as cloud:
        with pytest.raises(FunctionError, match="AccessDenied"):
            cloud.invoke("toy_nested", {"function": "toy_mirror", "payload": {}})
        assert cloud.invocations("toy_mirror") == []
    assert aws_roles == [Grant("toy_nested", "lambda:InvokeFunction", "function:toy_mirror")]
    aws_roles.clear()


def test_over_the_endpoint_an_invocation_outside_the_role_is_refused(processes: Cloud, aws_roles: list[Grant]) -> None:
    client = _client(processes, "lambda", "toy_nested")
    assert client.invoke(FunctionName="dbsbm-local-toy_echo")["StatusCode"] == 200
    with pytest.raises(ClientError) as refused:
        client.invoke(FunctionName="dbsbm-local-toy_log", InvocationType="Event")
    assert _code(refused.value) == "AccessDeniedException"
    with pytest.raises(FunctionError, match="403"):
        processes.invoke("toy_nested", {"function": "toy_mirror", "payload": {}})
    assert [use.resource for use in aws_roles] == ["function:toy_log", "function:toy_mirror"]
    aws_roles.clear()


def test_over_the_endpoint_secrets_and_objects_are_held_against_the_role(
    processes: Cloud, aws_roles: list[Grant]
) -> None:
    manager = _client(processes, "secretsmanager", "toy_nested")
    assert manager.get_secret_value(SecretId="dbsbm-local-given-key")["SecretString"] == "given"
    beyond: tuple[Callable[[], Any], ...] = (
        lambda: manager.get_secret_value(SecretId="dbsbm-local-made-key"),
        lambda: manager.put_secret_value(SecretId="dbsbm-local-given-key", SecretString="another"),
        lambda: _client(processes, "sqs", "toy_echo").send_message(
            QueueUrl=f"{processes.endpoint}/123456789012/dbsbm-local-failed-invocations", MessageBody="{}"
        ),
    )
    for asked in beyond:
        with pytest.raises(ClientError) as refused:
            asked()
        assert _code(refused.value) == "AccessDeniedException"
    bucket = _client(processes, "s3", "toy_nested")
    with pytest.raises(ClientError) as refused:
        bucket.put_object(Bucket="dbsbm-local-things", Key="a", Body=b"")
    assert _code(refused.value) == "AccessDenied"
    assert [use.action for use in aws_roles] == [
        "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "sqs:SendMessage", "s3:PutObject"
    ]  # fmt: skip
    aws_roles.clear()


def test_who_may_not_list_is_not_told_that_an_object_is_missing(processes: Cloud, aws_roles: list[Grant]) -> None:
    with pytest.raises(ClientError) as refused:
        _client(processes, "s3", "toy_nested").get_object(Bucket="dbsbm-local-things", Key="nowhere")
    assert _code(refused.value) == "AccessDenied"
    assert aws_roles == [Grant("toy_nested", "s3:ListBucket", "bucket:things")]
    aws_roles.clear()


@pytest.mark.parametrize(
    ("request_", "action", "resource"),
    [
        (
            HttpRequest("GET", "http://x/dbsbm-local-things?versions=&prefix=a"),
            "s3:ListBucketVersions",
            "bucket:things",
        ),
        (HttpRequest("GET", "http://x/dbsbm-local-things?list-type=2"), "s3:ListBucket", "bucket:things"),
        (HttpRequest("HEAD", "http://x/dbsbm-local-things/a%20b"), "s3:GetObject", "objects:things"),
        (HttpRequest("DELETE", "http://x/dbsbm-local-things/a"), "s3:DeleteObject", "objects:things"),
        (HttpRequest("PUT", "http://x/dbsbm-local-things/a?retention="), "s3:?", "objects:things"),
        (HttpRequest("PUT", "http://x/dbsbm-local-things?policy="), "s3:?", "bucket:things"),
    ],
)
def test_requests_to_s3_are_known_by_their_actions(
    request_: HttpRequest, action: str, resource: str, aws_roles: list[Grant]
) -> None:
    roles = Roles(toy_catalog(), Names())
    assert roles.carry("toy_echo", request_, lambda _: HttpResponse(200)).status == 403
    assert aws_roles == [Grant("toy_echo", action, resource)]
    aws_roles.clear()


def test_a_secret_is_known_by_its_arn(aws_roles: list[Grant]) -> None:
    arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:dbsbm-local-given-key-AbC123"
    request = HttpRequest("POST", "http://x/", {"X-Amz-Target": SECRETS}, json.dumps({"SecretId": arn}).encode())
    answered = Roles(toy_catalog(), Names()).carry("toy_nested", request, lambda _: HttpResponse(200))
    assert (answered.status, aws_roles) == (200, [])


def test_every_grant_has_a_file_that_uses_it() -> None:
    used = [grant for grants in USED_IN.values() for grant in grants]
    granted = {str(grant) for grant in every_grant(CATALOG)}
    assert len(used) == len(set(used))
    assert set(used) == granted

"""``AWS_ENDPOINT_URL``: Lambda's Invoke API for boto3 and the hand-signed client, and moto behind it."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from dbsbm.core.aws import Account, Credentials, LambdaInvoke, call_json
from dbsbm.core.errors import InvokeError, InvokeLateError
from local.cloud import Cloud, serve
from local.cloud.execution import ACCESS_KEY, REGION, SECRET_KEY, SESSION_TOKEN
from local.cloud.invoke import invoke
from tests.integration.toy_cloud import FUNCTIONS, toy_catalog, toy_cloud

GOOD = Credentials(ACCESS_KEY, SECRET_KEY, SESSION_TOKEN)


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with toy_cloud("processes", settings={"GIVEN_KEY": "the given one"}) as running:
        yield running


def _boto3(cloud: Cloud, service: str, credentials: Credentials = GOOD) -> Any:
    session = boto3.session.Session(*credentials, region_name=REGION)
    config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    return session.client(service, endpoint_url=cloud.endpoint, config=config)  # type: ignore[call-overload]


def _by_hand(cloud: Cloud, credentials: Credentials = GOOD) -> LambdaInvoke:
    return LambdaInvoke(Account(REGION, credentials, {"": cloud.endpoint}), cloud.names.prefix)


@pytest.mark.parametrize(
    "spoken",
    [
        "dbsbm-local-toy_echo",
        "dbsbm-local-toy_echo:live",
        "dbsbm-local-toy_echo:$LATEST",
        "arn:aws:lambda:us-east-1:123456789012:function:dbsbm-local-toy_echo:live",
        "123456789012:function:dbsbm-local-toy_echo",
    ],
)
def test_boto3_invokes_by_name_qualifier_and_arn(cloud: Cloud, spoken: str) -> None:
    answer = _boto3(cloud, "lambda").invoke(FunctionName=spoken, Payload=b'{"a":1}')
    assert (answer["StatusCode"], "FunctionError" in answer) == (200, False)
    assert json.load(answer["Payload"])["event"] == {"a": 1}


def test_boto3_sees_a_function_error(cloud: Cloud) -> None:
    answer = _boto3(cloud, "lambda").invoke(FunctionName="dbsbm-local-toy_crash", Payload=b'{"how":"raise"}')
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert json.load(answer["Payload"])["errorType"] == "ValueError"


def test_boto3_hands_off_and_tries_out(cloud: Cloud) -> None:
    client = _boto3(cloud, "lambda")
    before = len(cloud.invocations("toy_log"))
    assert client.invoke(FunctionName="dbsbm-local-toy_log", InvocationType="DryRun")["StatusCode"] == 204
    arguments = {"FunctionName": "dbsbm-local-toy_log", "InvocationType": "Event", "Payload": b'{"count":3}'}
    assert client.invoke(**arguments)["StatusCode"] == 202
    cloud.run_until_idle()
    assert [each.event for each in cloud.invocations("toy_log")[before:]] == [{"count": 3}]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"FunctionName": "dbsbm-local-nobody"}, "ResourceNotFoundException"),
        ({"FunctionName": "toy_echo"}, "ResourceNotFoundException"),
        ({"FunctionName": "dbsbm-local-toy_echo", "Qualifier": "old"}, "ResourceNotFoundException"),
        ({"FunctionName": "dbsbm-local-toy_echo", "Payload": b"{"}, "InvalidRequestContentException"),
        (
            {
                "FunctionName": "dbsbm-local-toy_echo",
                "InvocationType": "Event",
                "Payload": b'"%s"' % (b"x" * (1 << 20)),
            },
            "RequestTooLargeException",
        ),
    ],
)
def test_refusals_have_aws_error_types(cloud: Cloud, arguments: Mapping[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as refused:
        _boto3(cloud, "lambda").invoke(**arguments)
    assert refused.value.response["Error"]["Code"] == code


@pytest.mark.parametrize(
    ("credentials", "code"),
    [
        (GOOD._replace(secret_key="another"), "InvalidSignatureException"),
        (GOOD._replace(access_key="another"), "UnrecognizedClientException"),
        (GOOD._replace(session_token="another"), "UnrecognizedClientException"),
    ],
)
def test_wrong_credentials_are_refused_to_both_clients(cloud: Cloud, credentials: Credentials, code: str) -> None:
    with pytest.raises(ClientError) as refused:
        _boto3(cloud, "lambda", credentials).invoke(FunctionName="dbsbm-local-toy_echo")
    assert refused.value.response["Error"]["Code"] == code
    with pytest.raises(InvokeError, match="403"):
        _by_hand(cloud, credentials)("toy_echo", {}, asynchronous=False, timeout_s=3)


def test_an_old_or_unsigned_request_is_refused(cloud: Cloud) -> None:
    account = Account(REGION, GOOD, {"": cloud.endpoint})
    with pytest.raises(InvokeError, match="403"):
        LambdaInvoke(account, cloud.names.prefix, now=lambda: 1.0)("toy_echo", {}, asynchronous=False, timeout_s=3)
    connection = http.client.HTTPConnection(cloud.endpoint.removeprefix("http://"))
    connection.request("POST", "/2015-03-31/functions/dbsbm-local-toy_echo/invocations", b"{}")
    assert connection.getresponse().status == 403
    connection.close()


def test_the_hand_signed_client_invokes_both_ways(cloud: Cloud) -> None:
    by_hand = _by_hand(cloud)
    answer = by_hand("toy_echo", {"ü": 1}, asynchronous=False, timeout_s=3)
    assert answer is not None
    assert answer["event"] == {"ü": 1}
    assert by_hand("toy_echo", {"later": 1}, asynchronous=True, timeout_s=3) is None
    cloud.run_until_idle()
    assert cloud.invocations("toy_echo")[-1].event == {"later": 1}


def test_the_hand_signed_client_sees_failures_and_lateness(cloud: Cloud, tmp_path: Path) -> None:
    by_hand = _by_hand(cloud)
    with pytest.raises(InvokeError):
        by_hand("toy_crash", {"how": "exit"}, asynchronous=False, timeout_s=3)
    with pytest.raises(InvokeLateError):
        by_hand("toy_gate", {"folder": str(tmp_path)}, asynchronous=False, timeout_s=0.2)
    (tmp_path / "open").touch()


def test_throttling_reaches_the_caller(cloud: Cloud, tmp_path: Path) -> None:
    def call(_: int) -> str:
        try:
            _boto3(cloud, "lambda").invoke(
                FunctionName="dbsbm-local-toy_gate", Payload=json.dumps({"folder": str(tmp_path)})
            )
        except ClientError as error:
            (tmp_path / "open").touch()
            return str(error.response["Error"]["Code"])
        return "ok"

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(call, range(3))) == ["TooManyRequestsException", "ok", "ok"]


def test_resources_of_the_catalog_stand_in_moto(cloud: Cloud) -> None:
    secrets = _boto3(cloud, "secretsmanager")
    assert secrets.get_secret_value(SecretId="dbsbm-local-given-key")["SecretString"] == "the given one"
    made = secrets.get_secret_value(SecretId="dbsbm-local-made-key")["SecretString"]
    assert len(base64.b64decode(made)) == 32
    assert [each["Name"] for each in _boto3(cloud, "s3").list_buckets()["Buckets"]] == ["dbsbm-local-things"]
    assert cloud.messages("failed-invocations") == []


def test_objects_of_a_megabyte_pass_through_unchanged(cloud: Cloud) -> None:
    client = _boto3(cloud, "s3")
    body = bytes(range(256)) * 4096
    client.put_object(Bucket="dbsbm-local-things", Key="a/b c.bin", Body=body)
    assert client.get_object(Bucket="dbsbm-local-things", Key="a/b c.bin")["Body"].read() == body


def test_the_hand_signed_client_reads_a_secret(cloud: Cloud) -> None:
    account = Account(REGION, GOOD, {"": cloud.endpoint})
    wanted = {"SecretId": "dbsbm-local-given-key"}
    document = call_json(account, "secretsmanager", "secretsmanager.GetSecretValue", wanted, timeout_s=10)
    assert document["SecretString"] == "the given one"


def test_generated_secrets_outlive_the_cloud_with_its_state(tmp_path: Path) -> None:
    made = []
    for _ in range(2):
        served = serve({}, state=tmp_path, catalog=toy_catalog(), functions=FUNCTIONS)
        secrets = _boto3(served.cloud, "secretsmanager")
        made.append(secrets.get_secret_value(SecretId="dbsbm-local-made-key")["SecretString"])
        served.stop()
    assert made[0] == made[1]
    assert (tmp_path / "secrets.json").stat().st_mode & 0o077 == 0


def test_served_to_the_network_a_function_can_be_invoked_from_the_command_line(tmp_path: Path) -> None:
    served = serve({}, state=tmp_path, catalog=toy_catalog(), functions=FUNCTIONS)
    try:
        status, failure, payload = invoke(served.endpoint_url, "toy_echo", b'{"a": 1}')
        assert (status, failure, json.loads(payload)["event"]) == (200, "", {"a": 1})
        status, failure, _ = invoke(served.endpoint_url, "toy_crash", b'{"how": "raise"}')
        assert (status, failure) == (200, "Unhandled")
        connection = http.client.HTTPConnection(served.http_url.removeprefix("http://"))
        connection.request("POST", "/mirror", b"{}", {"content-type": "application/json"})
        assert connection.getresponse().status == 200
        connection.close()
    finally:
        served.stop()


def test_an_objects_size_can_be_asked_for(cloud: Cloud) -> None:
    client = _boto3(cloud, "s3")
    client.put_object(Bucket="dbsbm-local-things", Key="sized", Body=b"12345")
    assert client.head_object(Bucket="dbsbm-local-things", Key="sized")["ContentLength"] == 5

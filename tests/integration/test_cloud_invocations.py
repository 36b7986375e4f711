"""One test body, both modes: what a caller of a function meets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local.cloud import Cloud, FunctionError, TooLargeError
from local.cloud.execution import ACCOUNT, REGION
from tests.integration.toy_cloud import START, toy_cloud


@pytest.fixture(scope="module", params=["in_process", "processes"])
def cloud(request: pytest.FixtureRequest) -> Iterator[Cloud]:
    with toy_cloud(request.param) as running:
        yield running


def _failure(cloud: Cloud, name: str, event: Any) -> FunctionError:
    with pytest.raises(FunctionError) as raised:
        cloud.invoke(name, event)
    return raised.value


def test_event_and_result_go_through_json(cloud: Cloud) -> None:
    event = {"text": "Ünï ✓", "number": 1.5, "nothing": None, "list": [1, 2]}
    assert cloud.invoke("toy_echo", event)["event"] == event


def test_context_names_request_function_and_time_left(cloud: Cloud) -> None:
    seen = cloud.invoke("toy_echo", {})
    assert seen["request_id"] == cloud.invocations("toy_echo")[-1].request_id
    assert seen["arn"] == f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:dbsbm-local-toy_echo:live"
    assert 4000 < seen["remaining_ms"] <= 5000


def test_environment_comes_from_the_catalog_and_lambda_alone(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OF_THE_MACHINE", "must not be seen")
    seen = cloud.invoke("toy_echo", {})
    assert (seen["colour"], seen["bucket"]) == ("green", "dbsbm-local-things")
    assert not {"OF_THE_MACHINE", "UNUSED", "HOME", "PYTHONDONTWRITEBYTECODE"} & set(seen["variables"])
    assert {"DBSBM_FUNCTION", "DBSBM_STAGE", "DBSBM_FUNCTION_PREFIX", "AWS_ENDPOINT_URL", "AWS_REGION", "TZ"} <= set(
        seen["variables"]
    )


def test_an_exception_reaches_the_caller_in_lambdas_shape(cloud: Cloud) -> None:
    failure = _failure(cloud, "toy_crash", {"how": "raise"})
    assert (failure.error_type, failure.message) == ("ValueError", "as asked")
    assert {"errorType", "errorMessage", "requestId", "stackTrace"} <= set(failure.payload)
    assert "toy_crash/handler.py" in "".join(failure.payload["stackTrace"])


def test_a_result_that_is_not_json_fails(cloud: Cloud) -> None:
    assert "JSON serializable" in _failure(cloud, "toy_crash", {"how": "not json"}).message


def test_a_function_that_cannot_be_imported_fails_every_time(cloud: Cloud) -> None:
    for _ in range(2):
        failure = _failure(cloud, "toy_broken", {})
        assert (failure.error_type, failure.message) == ("RuntimeError", "broken on purpose")


def test_lines_and_records_stand_in_the_functions_log(cloud: Cloud) -> None:
    cloud.invoke("toy_log", {"count": 7})
    logs = cloud.logs("toy_log")
    assert {"message": "plain words"} in logs
    assert {"counted": 7} in logs
    record = next(line for line in logs if line.get("message") == "logged")
    assert (record["level"], record["count"]) == ("INFO", 7)
    assert record["requestId"] == cloud.invocations("toy_log")[-1].request_id


def test_one_function_waits_for_another(cloud: Cloud) -> None:
    seen = cloud.invoke("toy_nested", {"function": "toy_echo", "payload": {"deep": True}})
    assert seen["answer"]["event"] == {"deep": True}
    assert cloud.invocations("toy_echo")[-1].event == {"deep": True}


def test_a_failed_inner_function_is_an_invoke_error_outside(cloud: Cloud) -> None:
    failure = _failure(cloud, "toy_nested", {"function": "toy_crash", "payload": {"how": "raise"}})
    assert failure.error_type == "InvokeError"


def test_an_inner_function_that_takes_too_long_is_late(cloud: Cloud) -> None:
    event = {"function": "toy_slow", "payload": {"seconds": 0.5}, "timeout_s": 0.2}
    assert _failure(cloud, "toy_nested", event).error_type == "InvokeLateError"
    cloud.run_until_idle()


def test_an_asynchronous_hand_off_answers_at_once_and_runs_later(cloud: Cloud) -> None:
    event = {"function": "toy_echo", "payload": {"later": True}, "asynchronous": True}
    assert cloud.invoke("toy_nested", event) == {"answer": None}
    cloud.run_until_idle()
    assert cloud.invocations("toy_echo")[-1].event == {"later": True}


def test_events_above_lambdas_limits_are_refused(cloud: Cloud) -> None:
    with pytest.raises(TooLargeError):
        cloud.invoke("toy_echo", "x" * (6 * 1024 * 1024))
    with pytest.raises(TooLargeError):
        cloud.invoke("toy_echo", "x" * (1024 * 1024), asynchronous=True)


def test_an_unknown_function_is_a_key_error(cloud: Cloud) -> None:
    with pytest.raises(KeyError):
        cloud.invoke("nobody", {})


def test_time_starts_where_the_clock_says_and_only_advances(cloud: Cloud) -> None:
    before = cloud.clock.now()
    assert before >= START
    cloud.advance(90)
    assert (cloud.clock.now() - before).total_seconds() >= 90


def test_a_timeout_ends_the_function_and_the_next_call_is_fresh(cloud: Cloud) -> None:
    event = {"spin": True} if cloud.endpoint.startswith("http://127") else {"seconds": 1.5}
    failure = _failure(cloud, "toy_slow", event)
    assert failure.error_type == "Sandbox.Timedout"
    assert failure.message.endswith("Error: Task timed out after 1.00 seconds")
    assert cloud.invoke("toy_slow", {"seconds": 0}) == {"slept": 0}

"""The asynchronous queue in both modes: retries, maximum age, on-failure records."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from infra.catalog import Catalog, Function
from local.cloud import Cloud
from tests.integration.toy_cloud import START, toy_catalog, toy_cloud

BOTH = pytest.mark.parametrize("mode", ["in_process", "processes"])
RAISE = {"how": "raise"}


def _with(name: str, **changes: Any) -> Catalog:
    catalog = toy_catalog()
    functions = tuple(replace(each, **changes) if each.name == name else each for each in catalog.functions)
    return replace(catalog, functions=functions)


def _minutes(cloud: Cloud) -> float:
    return (cloud.clock.now() - START).total_seconds() / 60


@BOTH
def test_a_failing_event_is_tried_three_times_one_and_two_minutes_apart_then_recorded(mode: str) -> None:
    with toy_cloud(mode) as cloud:
        cloud.invoke("toy_crash", RAISE, asynchronous=True)
        attempts = []
        for _ in range(5):
            cloud.run_until_idle()
            attempts.append(len(cloud.invocations("toy_crash")))
            cloud.advance(50)
        assert attempts == [1, 1, 2, 2, 3]
        assert [each.attempt for each in cloud.invocations("toy_crash")] == [1, 2, 3]
        assert len({each.request_id for each in cloud.invocations("toy_crash")}) == 1
        (record,) = cloud.messages("failed-invocations")
        assert record["requestContext"]["condition"] == "RetriesExhausted"
        assert record["requestContext"]["approximateInvokeCount"] == 3
        assert record["requestContext"]["functionArn"].endswith(":function:dbsbm-local-toy_crash:live")
        assert record["requestPayload"] == RAISE
        assert record["responseContext"]["functionError"] == "Unhandled"
        assert record["responsePayload"]["errorMessage"] == "as asked"


@BOTH
@pytest.mark.parametrize("retries", [0, 1])
def test_the_catalog_says_how_often_an_event_is_tried(mode: str, retries: int) -> None:
    with toy_cloud(mode, catalog=_with("toy_crash", retries=retries)) as cloud:
        cloud.invoke("toy_crash", RAISE, asynchronous=True)
        cloud.advance(600)
        assert len(cloud.invocations("toy_crash")) == retries + 1
        assert len(cloud.messages("failed-invocations")) == 1


@BOTH
def test_an_event_past_its_maximum_age_is_given_up_without_another_attempt(mode: str) -> None:
    with toy_cloud(mode, catalog=_with("toy_crash", retries=2, max_age_s=90)) as cloud:
        cloud.invoke("toy_crash", RAISE, asynchronous=True)
        cloud.advance(89)
        assert len(cloud.invocations("toy_crash")) == 2
        cloud.advance(600)
        assert len(cloud.invocations("toy_crash")) == 2
        (record,) = cloud.messages("failed-invocations")
        assert record["requestContext"]["condition"] == "EventAgeExceeded"
        assert record["requestContext"]["approximateInvokeCount"] == 2


def test_a_good_event_is_done_once() -> None:
    with toy_cloud() as cloud:
        cloud.invoke("toy_crash", {}, asynchronous=True)
        assert cloud.invocations("toy_crash") == []
        cloud.advance(3600)
        assert [each.failed for each in cloud.invocations("toy_crash")] == [False]


def test_throttled_events_come_back_and_cost_no_retry(tmp_path: Any) -> None:
    function = Function("toy_gate", "Waits.", network="edge", timeout_s=20, concurrency=1)
    with toy_cloud("processes", catalog=_with("toy_gate", concurrency=function.concurrency)) as cloud:
        for _ in range(3):
            cloud.invoke("toy_gate", {"folder": str(tmp_path)}, asynchronous=True)
        (tmp_path / "open").touch()
        for _ in range(4):
            cloud.advance(2)
        done = cloud.invocations("toy_gate")
        assert [(each.attempt, each.failed) for each in done] == [(1, False)] * 3

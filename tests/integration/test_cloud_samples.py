"""The samples in ``events/`` of the triggers are what the local cloud really sends."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.catalog import CATALOG
from local.cloud.asynchronous import Pending, failure_record
from local.cloud.execution import ROOT, Names, Outcome, timed_out
from local.cloud.http_api import Arrival, event_of, routes
from local.cloud.timetable import Firing, scheduler_event

MOMENT = datetime(2026, 9, 10, 12, 5, tzinfo=UTC)
REQUEST_ID = "8a6f0c1e-5d0b-4a7e-9f0e-2f6c7b1d3e55"


def _http() -> Any:
    arrival = Arrival(
        "POST",
        "/discord/interactions?from=sample&from=twice",
        (
            ("host", "127.0.0.1:8080"),
            ("content-type", "application/json"),
            ("user-agent", "Discord-Interactions/1.0 (+https://discord.com)"),
            ("x-signature-ed25519", "00" * 64),
            ("x-signature-timestamp", str(int(MOMENT.timestamp()))),
            ("cookie", "a=1; b=2"),
        ),
        b'{"type":1}',
    )
    return event_of(arrival, routes(CATALOG)["POST", "/discord/interactions"], REQUEST_ID, MOMENT)


def _scheduler() -> Any:
    return scheduler_event(Firing(CATALOG.function("delivery"), MOMENT), REQUEST_ID, Names())


def _on_failure() -> Any:
    event = json.dumps({"v": 1, "target_keys": ["bet:0000000000001"]}).encode()
    pending = Pending(CATALOG.function("delivery"), event, REQUEST_ID, MOMENT, MOMENT)
    outcome = Outcome(timed_out(REQUEST_ID, 60), True, 60_000)
    return failure_record(replace(pending, attempts=2, last=outcome), "RetriesExhausted", Names(), MOMENT)


@pytest.mark.parametrize(
    ("name", "made"), [("http_api_v2", _http), ("scheduler", _scheduler), ("on_failure", _on_failure)]
)
def test_the_sample_is_what_the_cloud_sends(name: str, made: Any) -> None:
    assert json.loads((ROOT / "events" / f"{name}.json").read_text()) == made()

"""One trace from the click to the message: through payloads and outbox rows, to X-Ray and into the log."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from dbsbm.core import tracing, xray
from dbsbm.core.aws import Account, Credentials, LambdaInvoke
from dbsbm.core.invocation import InvocationFailedError, watched
from dbsbm.core.tracing import Link
from interactions.front_door import FrontDoor
from local.cloud.execution import ROOT
from local.cloud.wire import Request, Response, Server
from tests.e2e.world import World, opened
from tests.signed import ENVIRON, NOW, ROUTES, command, event

TOLD = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
PARENT = "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world.set_up()


@pytest.mark.parametrize(
    "text",
    [
        *("", "00", PARENT.upper(), PARENT + "-00", PARENT.replace("00-", "01-", 1)),
        *(f"00-{'0' * 32}-53995c3f42cd8ad8-01", f"00-5759e988bd862e3fe1be46a994272793-{'0' * 16}-01", None, 7),
    ],
)
def test_what_is_no_traceparent_is_nobodys(text: object) -> None:
    assert Link.read(text) is None


def test_x_rays_header_and_the_w3cs_say_the_same() -> None:
    link = xray.link_of(TOLD)
    assert link is not None
    assert (link.traceparent, xray.header_of(link), Link.read(PARENT)) == (PARENT, TOLD, link)
    assert xray.link_of(TOLD.replace("Sampled=1", "Sampled=0")) == link._replace(sampled=False)
    assert [xray.link_of(text) for text in ("", "Root=1-2", "Root=2-5759e988-bd86;Parent=1")] == [None] * 3


def asked(document: dict[str, Any], environ: dict[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the front door hands on, and what it logs."""
    payloads: list[dict[str, Any]] = []
    lines: list[str] = []

    def invoke(function: str, payload: dict[str, Any], *, asynchronous: bool, timeout_s: float) -> dict[str, Any]:
        payloads.append(payload)
        return {"v": 1, "kind": "message", "data": {}}

    door = FrontDoor.from_environ(
        {**ENVIRON, **environ}, routes=ROUTES, now=lambda: NOW, invoke=invoke, log=lines.append
    )
    assert door(event(document))["statusCode"] == 200
    return payloads[0], json.loads(lines[0])


def test_the_front_door_goes_on_with_lambdas_trace_or_makes_one_of_the_interaction() -> None:
    payload, line = asked(command(), {"_X_AMZN_TRACE_ID": TOLD})
    assert payload["traceparent"] == PARENT
    own, line = asked(command(), {})
    again, _ = asked(command(), {})
    link = Link.read(own["traceparent"])
    assert link is not None
    assert (own["traceparent"], link.sampled) == (again["traceparent"], True)
    assert (line["trace_id"], line["span_id"]) == (link.trace_id, link.span_id)
    assert abs(int(link.trace_id[:8], 16) - NOW) < 60, "X-Ray takes no trace id without its second"


def test_an_invocation_carries_the_trace_to_lambda_too() -> None:
    seen: list[Request] = []

    def answer(request: Request, _client: str) -> Response:
        seen.append(request)
        return Response(202, (), b"")

    server = Server(answer)
    account = Account("us-east-1", Credentials("key", "secret"), {"": f"http://127.0.0.1:{server.port}"})
    try:
        LambdaInvoke(account, "dbsbm-")("delivery", {"traceparent": PARENT}, asynchronous=True, timeout_s=5)
        LambdaInvoke(account, "dbsbm-")("delivery", {}, asynchronous=True, timeout_s=5)
    finally:
        server.stop()
    assert [request.header("x-amzn-trace-id") for request in seen] == [TOLD, ""]


def segments(daemon: socket.socket, count: int) -> list[dict[str, Any]]:
    found = []
    for _ in range(count):
        header, _, document = daemon.recv(65_536).partition(b"\n")
        assert header + b"\n" == xray.HEADER
        found.append(json.loads(document))
    return found


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(20)
        monkeypatch.setenv(xray.DAEMON_VARIABLE, f"127.0.0.1:{listening.getsockname()[1]}")
        yield listening


def test_x_ray_gets_the_spans_below_lambdas_own_segment(
    daemon: socket.socket, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    before = time.time()
    older = Link("5759e98800000000000000000000000a", "000000000000000a", True)

    @watched
    def handler(_event: object, _context: object) -> None:
        with tracing.bound("7"), tracing.span("exchange", route="bet"), tracing.span("transaction"):
            pass
        with tracing.bound("6", older), tracing.span("send"):
            raise ValueError("planted")

    monkeypatch.setenv(xray.TRACE_VARIABLE, TOLD)
    with pytest.raises(InvocationFailedError):
        handler({"traceparent": PARENT}, None)
    whole, inner, outer, sent = segments(daemon, 4)
    assert [each["name"] for each in (inner, outer, sent)] == ["transaction", "exchange", "send"]
    assert {each["trace_id"] for each in (whole, inner, outer)} == {"1-5759e988-bd862e3fe1be46a994272793"}
    assert (whole["type"], whole["parent_id"], whole["fault"]) == ("subsegment", "53995c3f42cd8ad8", True)
    assert (outer["parent_id"], inner["parent_id"]) == (whole["id"], outer["id"])
    assert outer["annotations"] == {"route": "bet", "correlation_id": "7"}
    assert before - 1 < whole["start_time"] <= inner["start_time"] <= inner["end_time"] <= whole["end_time"]
    assert (sent["trace_id"], sent["parent_id"]) == ("1-5759e988-00000000000000000000000a", older.span_id)
    assert "type" not in sent, "a segment of the other trace"
    assert sent["fault"] is True
    assert "planted" not in json.dumps([whole, sent])


def test_what_x_ray_did_not_ask_for_is_not_sent(
    daemon: socket.socket, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    handler = watched(lambda _event, _context: None)
    monkeypatch.setenv(xray.TRACE_VARIABLE, TOLD.replace("Sampled=1", "Sampled=0"))
    handler({}, None)
    monkeypatch.setenv(xray.TRACE_VARIABLE, TOLD)
    handler({}, None)
    (only,) = segments(daemon, 1)
    assert only["parent_id"] == "53995c3f42cd8ad8"
    daemon.setblocking(False)
    with pytest.raises(BlockingIOError):
        daemon.recv(10)


def test_a_daemon_that_is_not_there_is_nobodys_trouble(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for address in ("127.0.0.1:1", "nowhere.invalid:2000", "nonsense"):
        monkeypatch.setenv(xray.DAEMON_VARIABLE, address)
        watched(lambda _event, _context: None)({}, None)


def test_click_command_database_and_message_are_one_trace(world: World) -> None:
    world.settled(world.ann.slash("bet", pick="chiefs -3 -110 2u").click("Post"))
    (row,) = world.rows("SELECT id, traceparent FROM outbox WHERE kind = 'slip.post'")
    written = Link.read(row["traceparent"])
    cause = tracing.cause_of(row["id"])
    assert written is not None
    (door,) = [line for line in world.cloud.logs("interactions") if line.get("correlation_id") == cause]
    (ran,) = [line for line in world.cloud.logs("command_betting") if line.get("parent_id") == door["span_id"]]
    spans = {each["span"]: each for each in ran["spans"]}
    assert {door["trace_id"], ran["trace_id"], written.trace_id} == {door["trace_id"]}
    assert spans["exchange"]["parent_id"] == ran["span_id"]
    assert (spans["transaction"]["parent_id"], written.span_id) == (
        spans["exchange"]["span_id"],
        spans["transaction"]["span_id"],
    )
    sent = [
        each
        for line in world.cloud.logs("delivery")
        for each in line.get("spans", ())
        if each["span"] == "send" and each["trace_id"] == door["trace_id"]
    ]
    assert [each["parent_id"] for each in sent if each["kind"] == "slip.post"] == [written.span_id]


def test_a_span_names_no_command_that_is_not_ours(world: World) -> None:
    """X-Ray gets spans as they are: what somebody made up must not stand in them."""
    event_of = json.loads((ROOT / "events/command_betting.json").read_text())
    event_of["interaction"]["data"]["name"] = "planted-by-somebody"
    world.cloud.invoke("command_betting", event_of)
    lines = [line for line in world.cloud.logs("command_betting") if line.get("spans")]
    assert [each["route"] for each in lines[-1]["spans"] if each["span"] == "exchange"] == ["unknown"]
    assert "planted-by-somebody" not in json.dumps([line["spans"] for line in lines])

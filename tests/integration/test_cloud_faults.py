"""In process: a kill before and after each crossing of a worker with everything, and faults on the hops."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from dbsbm.core.http import HttpRequest, HttpResponse, TransportError
from dbsbm.database.connection import connect_from_url
from infra.catalog import Function, Permit, Ref
from local.cloud import Cloud, CloudError, Faults, FunctionError
from local.cloud.faults import When
from tests.integration.toy_cloud import START, toy_catalog, toy_cloud

WORKER = Function(
    "toy_worker",
    "A row, a call, a nudge.",
    network="data",
    retries=2,
    environment={"DATABASE_URL": Ref("setting", "DATABASE_URL")},
    permits=(Permit(("lambda:InvokeFunction",), Ref("function", "toy_echo")),),
)


class Outside:
    """The world: entries by path, each put counted."""

    def __init__(self) -> None:
        self.puts: list[str] = []

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.puts.append(request.url.rpartition("/")[2])
        return HttpResponse(204)


class World:
    """A cloud with the worker, its tables and what is outside."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.outside = Outside()
        self.cloud: Cloud = toy_cloud(
            catalog=toy_catalog(WORKER), settings={"DATABASE_URL": url}, outside=self.outside, seed=7
        )

    def rows(self, table: str) -> list[Any]:
        with closing(connect_from_url(self._url)) as connection, connection.cursor() as cursor:
            cursor.execute(f"SELECT entry_id FROM {table} ORDER BY entry_id")
            return [row["entry_id"] for row in cursor.fetchall()]


@pytest.fixture
def url(empty_database_url: str) -> str:
    with closing(connect_from_url(empty_database_url)) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE toy_entries (entry_id INT PRIMARY KEY, amount INT NOT NULL)")
        cursor.execute("CREATE TABLE toy_audit (entry_id INT PRIMARY KEY)")
    return empty_database_url


@pytest.fixture
def world(url: str) -> Iterator[World]:
    made = World(url)
    yield made
    made.cloud.stop()


def _crossings(world: World) -> int:
    """How many crossings one clean run has, the nudged function's return included."""
    world.cloud.invoke("toy_worker", {"id": 1}, asynchronous=True)
    world.cloud.run_until_idle()
    return len(world.cloud.crossings)


def test_statements_commit_calls_and_returns_are_crossings_in_order(world: World) -> None:
    world.cloud.invoke("toy_worker", {"id": 1})
    world.cloud.arm(Faults())
    world.cloud.invoke("toy_worker", {"id": 2})
    kinds = [crossing.kind for crossing in world.cloud.crossings]
    assert kinds[-6:] == ["sql", "sql", "commit", "http", "invoke", "return"]
    assert [crossing.number for crossing in world.cloud.crossings] == list(range(1, len(kinds) + 1))
    assert world.cloud.crossings[-5].detail.startswith("INSERT IGNORE INTO toy_audit")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_at_any_crossing_loses_nothing_and_doubles_nothing(url: str, when: When) -> None:
    total = _crossings(World(url))
    for number in range(1, total + 1):
        world = World(url)
        entry = number + (1000 if when == "before" else 2000)
        world.cloud.arm(Faults.kill(crossing=number, when=when))
        world.cloud.invoke("toy_worker", {"id": entry}, asynchronous=True)
        world.cloud.advance(600)
        attempts = world.cloud.invocations("toy_worker")
        assert not attempts[-1].failed, (number, when)
        assert entry in world.rows("toy_entries")
        assert entry in world.rows("toy_audit")
        assert str(entry) in world.outside.puts
        assert {each.event["id"] for each in world.cloud.invocations("toy_echo")} == {entry}
        world.cloud.stop()
    print(f"killed {when} each of {total} crossings")  # noqa: T201 — what was covered belongs into the report


def test_a_kill_between_two_statements_leaves_neither_row(world: World) -> None:
    world.cloud.invoke("toy_worker", {"id": 1})
    world.cloud.arm(Faults.kill(crossing=2, when="before"))
    with pytest.raises(FunctionError) as crash:
        world.cloud.invoke("toy_worker", {"id": 2})
    assert crash.value.error_type == "Runtime.ExitError"
    assert world.rows("toy_entries") == [1]
    assert world.rows("toy_audit") == [1]


def test_a_kill_after_the_commit_keeps_the_rows_and_sends_nothing(world: World) -> None:
    world.cloud.invoke("toy_worker", {"id": 1})
    commit = [each.kind for each in world.cloud.crossings].index("commit") + 1
    world.cloud.arm(Faults.kill(crossing=3, when="after"))
    assert commit > 0
    with pytest.raises(FunctionError):
        world.cloud.invoke("toy_worker", {"id": 2})
    assert world.cloud.crossings[-1].kind == "commit"
    assert world.rows("toy_entries") == [1, 2]
    assert world.outside.puts == ["1"]


def test_a_killed_environment_breaks_its_connection_and_is_not_used_again(world: World) -> None:
    world.cloud.invoke("toy_worker", {"id": 1})
    with pytest.raises(FunctionError):
        world.cloud.arm(Faults.kill(crossing=1, when="after"))
        world.cloud.invoke("toy_worker", {"id": 2})
    world.cloud.arm(Faults())
    world.cloud.invoke("toy_worker", {"id": 2})
    assert world.rows("toy_entries") == [1, 2]


def test_a_dropped_http_call_is_silence_for_its_whole_timeout(world: World) -> None:
    world.cloud.arm(Faults.drop("http", nth=1))
    with pytest.raises(FunctionError) as failure:
        world.cloud.invoke("toy_worker", {"id": 1})
    assert failure.value.error_type in {"TransportError", "Sandbox.Timedout"}
    assert (world.cloud.clock.now() - START).total_seconds() == pytest.approx(10)
    assert world.outside.puts == []


def test_a_duplicated_http_call_arrives_twice(world: World) -> None:
    world.cloud.arm(Faults.duplicate("http"))
    world.cloud.invoke("toy_worker", {"id": 1})
    assert world.outside.puts == ["1", "1"]


def test_a_delayed_call_passes_the_deadline(world: World) -> None:
    world.cloud.arm(Faults.delay("http", 30))
    with pytest.raises(FunctionError) as failure:
        world.cloud.invoke("toy_worker", {"id": 1})
    assert failure.value.error_type == "Sandbox.Timedout"


def test_faults_join_and_duplicate_invocations(world: World) -> None:
    world.cloud.arm(Faults.duplicate("invoke") + Faults.duplicate("http", nth=1))
    world.cloud.invoke("toy_worker", {"id": 1})
    world.cloud.run_until_idle()
    assert len(world.cloud.invocations("toy_echo")) == 2
    assert world.outside.puts == ["1", "1"]


@pytest.mark.parametrize("mode", ["in_process", "processes"])
def test_discords_hop_drops_and_doubles(mode: Any) -> None:
    with toy_cloud(mode, faults=Faults.drop("discord", nth=1) + Faults.duplicate("discord", nth=2)) as cloud:
        request = HttpRequest("POST", "http://api.local/mirror", {"content-type": "text/plain"}, b"hello")
        with pytest.raises(TransportError):
            cloud.http(request)
        assert cloud.invocations("toy_mirror") == []
        assert cloud.http(request).status == 200
        assert len(cloud.invocations("toy_mirror")) == 2


@pytest.mark.parametrize("mode", ["in_process", "processes"])
def test_a_dropped_hand_off_is_an_error_to_the_caller(mode: Any) -> None:
    with toy_cloud(mode, faults=Faults.drop("invoke")) as cloud:
        with pytest.raises(FunctionError) as failure:
            cloud.invoke("toy_nested", {"function": "toy_echo", "payload": {}, "timeout_s": 0.5})
        assert failure.value.error_type in {"InvokeError", "InvokeLateError"}
        assert cloud.invocations("toy_echo") == []


def test_processes_have_no_numbered_crossings() -> None:
    with toy_cloud("processes") as cloud, pytest.raises(CloudError):
        cloud.arm(Faults.kill(crossing=1))


def test_the_same_seed_gives_the_same_ids(url: str) -> None:
    seen = []
    for _ in range(2):
        world = World(url)
        world.cloud.invoke("toy_worker", {"id": 1})
        seen.append(world.cloud.invocations("toy_worker")[0].request_id)
    assert seen[0] == seen[1]

"""One definition of every metric, one id from click to message, and no secret in any log line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dbsbm import commands
from dbsbm.core import metrics
from dbsbm.core.errors import DatabaseUnavailableError
from dbsbm.core.logging import private, redacted
from infra.catalog import CATALOG
from infra.grants import Grant
from local.cloud import Cloud, VirtualClock
from local.cloud.errors import FunctionError
from local.cloud.execution import ROOT
from tests.e2e.world import World, later, opened
from tests.signed import KEY, event

PLANTED = "PLANTED5ecretQx"
NOW = datetime(2026, 9, 13, 15, 0, tzinfo=UTC)
SIGNED = ("interactions", "interactions_ping", "discord_events")
FUNCTIONS = [function.name for function in CATALOG.functions]


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world.set_up()


def lines(cloud: Cloud) -> list[dict[str, Any]]:
    return [line for name in FUNCTIONS for line in cloud.logs(name)]


def test_every_metric_is_recorded_by_some_code() -> None:
    names = {id(metric): name for name, metric in vars(metrics).items() if isinstance(metric, metrics.Metric)}
    sources = [*(ROOT / "layers/shared/python/dbsbm").rglob("*.py"), *(ROOT / "functions").rglob("*.py")]
    used = {
        found for path in sources for found in re.findall(r"\bmetrics\.([A-Z_]+)\b", path.read_text(encoding="utf-8"))
    }
    front_door = (ROOT / "functions/interactions/front_door.py").read_text()
    written = {
        metric.name for metric in (metrics.TOOK, metrics.AGE, metrics.INTERACTIONS) if f'"{metric.name}"' in front_door
    }
    silent = {m.name for m in metrics.TABLE.values() if names[id(m)] not in used} - written
    assert silent == set()


def test_nothing_outside_the_table_can_be_recorded() -> None:
    with pytest.raises(ValueError, match="stray"):
        metrics.record(metrics.Metric("stray", "count", "Count", "Not in the table."))
    with pytest.raises(ValueError, match="guild"):
        metrics.record(metrics.BETS_POSTED, guild="7")


def test_what_a_transaction_counts_is_counted_when_it_is_stored() -> None:
    with metrics.collected() as samples:
        with pytest.raises(DatabaseUnavailableError), metrics.held():
            metrics.record(metrics.BETS_POSTED)
            raise DatabaseUnavailableError("deadlock")
        with metrics.held():
            metrics.record(metrics.BETS_POSTED)
    assert [sample.metric.name for sample in samples] == ["bets_posted"]


def test_both_formats_say_the_same() -> None:
    samples = [
        metrics.Sample(metrics.DELIVERY, ("sent",), 2),
        metrics.Sample(metrics.DELIVERY, ("sent",), 3),
        metrics.Sample(metrics.COMMAND, ("bet",), 12.5),
        metrics.Sample(metrics.COMMAND, ("bet",), 7.5),
    ]
    rows, command = (json.loads(line) for line in metrics.embedded(samples, 5))
    assert (rows["delivery_rows"], rows["state"], command["command_ms"]) == (5, "sent", [12.5, 7.5])
    text = metrics.prometheus([metrics.Sample(metrics.MEMORY, ('a"b',), 4)])
    assert 'dbsbm_memory_mb{function="a\\"b"} 4\n' in text
    assert "# TYPE dbsbm_memory_mb gauge\n" in text


def test_a_bet_posted_and_graded_is_one_trace_and_is_counted_once(world: World) -> None:
    world.settled(world.ann.slash("bet", pick="chiefs -3 -110 2u").click("Post"))
    slip = world.slips(world.bob)[0]
    later(world, hours=10)  # past the start: a grade can be given
    posted_by = world.rows("SELECT id FROM outbox WHERE kind = 'slip.post'")[0]["id"].rpartition(":")[0]
    world.settled(slip.by(world.gina).click("⋯").click("Won"))
    emitted = [line for line in lines(world.cloud) if "_aws" in line]
    totals = dict.fromkeys(("bets_posted", "bets_graded"), 0.0)
    for line in emitted:
        for header in line["_aws"]["CloudWatchMetrics"]:
            (dimensions,) = header["Dimensions"]
            for described in header["Metrics"]:
                metric = metrics.TABLE[described["Name"]]
                assert (described["Unit"], header["Namespace"]) == (metric.unit, metrics.NAMESPACE)
                assert set(dimensions) == set(metric.dimensions)
                if metric.name in totals:
                    totals[metric.name] += line[metric.name]
    assert totals == {"bets_posted": 1, "bets_graded": 1}
    assert _trace(world.cloud, posted_by) == {
        "interactions": {"front door"},
        "command_betting": {"transaction", "exchange", "handler", "nudge"},
        "delivery": {"transaction", "send", "render", "discord"},
    }


def _trace(cloud: Cloud, correlation_id: str) -> dict[str, set[str]]:
    """Spans by function of what was done because of one interaction, out of the log lines alone."""
    found: dict[str, set[str]] = {}
    for name in FUNCTIONS:
        for line in cloud.logs(name):
            spans = [each for each in line.get("spans", ()) if each.get("correlation_id") == correlation_id]
            if name == "interactions" and line.get("correlation_id") == correlation_id:
                found.setdefault(name, set()).add("front door")
            if spans:
                found.setdefault(name, set()).update(
                    each["span"] for each in spans if each.get("kind", "slip.post") == "slip.post"
                )
    return found


# Redaction.


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of every text in a document, those of JSON inside a body included."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if isinstance(value, str):
        yield path
    for key, inner in pairs:
        yield from leaves(inner, (*path, key))


def planted(document: Any, path: tuple[Any, ...]) -> Any:
    copy = deepcopy(document)
    holder = copy
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = f"{PLANTED}{holder[path[-1]][:20]}"
    return copy


def planted_events(sample: Path) -> Iterator[tuple[str, Any]]:
    """Each event with a secret in one more field; those that Discord signs are signed again."""
    document = json.loads(sample.read_text())
    name = sample.stem.removesuffix("_ping")
    if sample.stem in SIGNED:
        body = json.loads(document["body"])
        for path in leaves(body):
            yield name, {**document, **event(json.dumps(planted(body, path)).encode(), at=NOW.timestamp())}
        document = {**document, **event(document["body"].encode(), at=NOW.timestamp())}
    for path in leaves(document):
        yield name, planted(document, path)


def _settings(database_url: str) -> dict[str, str]:
    return {
        "DATABASE_URL": database_url,
        "DISCORD_PUBLIC_KEY": KEY.hex(),
        "DISCORD_APPLICATION_ID": "1100000000000000001",
        "DISCORD_BOT_TOKEN": f"{PLANTED}-bot",
        "ODDS_API_BASE_URL": "http://127.0.0.1:1",
        "ODDS_API_KEY": f"{PLANTED}-odds",
    }


SAMPLES = [path for path in sorted((ROOT / "events").glob("*.json")) if path.stem.removesuffix("_ping") in FUNCTIONS]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_secret_in_any_field_of_an_event_reaches_no_log_line(
    database_url: str, sample: Path, aws_roles: list[Grant]
) -> None:
    commands.load()
    tried = 0
    with Cloud(clock=VirtualClock(NOW), settings=_settings(database_url)) as cloud:
        for name, document in planted_events(sample):
            with suppress(FunctionError):  # what counts is what it logs
                cloud.invoke(name, document)
            tried += 1
        logged = lines(cloud)
    aws_roles.clear()  # what an event plants as the name of a secret no role gives
    assert logged
    assert tried == len(list(planted_events(sample)))
    assert [line for line in logged if PLANTED in json.dumps(line)] == []


def test_a_secret_reaches_no_log_line_of_a_process_either(database_url: str) -> None:
    document = json.loads((ROOT / "events/command_betting.json").read_text())
    document["interaction"]["token"] = PLANTED
    document["interaction"]["member"]["user"]["username"] = PLANTED
    document["interaction"]["data"]["options"][0]["value"] = f"{PLANTED} -3 -110 2u"
    broken = deepcopy(document)
    del broken["interaction"]["data"]["options"][0]["name"]
    with Cloud(mode="processes", settings=_settings(database_url)) as cloud:
        for each in (document, broken, {**broken, "mode": "deferred", "deferral": 5}):
            try:
                cloud.invoke("command_betting", each)
            except FunctionError as error:
                assert PLANTED not in str(error)
        logged = lines(cloud)
    assert any(line.get("outcome") == "ok" for line in logged)
    assert PLANTED not in json.dumps(logged)


SHAPES = (
    "mysql://root:" + "hunter22@db:3306/x",
    "POST /webhooks/123/aVeryPrivate_Token-1 failed",
    "apiKey=0123456789abcdef&regions=us",
    "authorization: Bot abc.def-ghi_jkl123",
    "aW50ZXJhY3Rpb246MTIzNDU2",
    "N" + "z" * 25 + ".GaBcDe." + "q" * 30,
    "mail ann@example.com",
)


@pytest.mark.parametrize("text", SHAPES)
def test_credentials_are_known_by_their_shape(text: str) -> None:
    line = redacted(json.dumps({"message": text}))
    assert "[redacted]" in line
    secrets = ("hunter22", "aVeryPrivate", "0123456789", "abc.def", "MTIzNDU2", "qqqq", "ann@")
    assert not any(each in line for each in secrets)


def test_redaction_leaves_what_a_log_is_for() -> None:
    with private(["info", "bet"]):
        line = json.loads(redacted(json.dumps({"level": "INFO", "logger": "info", "message": "delivered bet:0001"})))
    assert (line["level"], line["logger"]) == ("INFO", "info")
    assert line["message"] == "delivered [redacted]:0001"
    assert json.loads(redacted('{"row": "12:1", "took_ms": 3.5, "counts": {"sent": 3}}'))["counts"] == {"sent": 3}
    assert redacted("not JSON at all") == "not JSON at all"

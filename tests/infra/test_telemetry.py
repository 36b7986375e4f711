"""Alarms and dashboards show what is emitted, and what is emitted is on one of them."""

from __future__ import annotations

import json
import re
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from nacl.signing import SigningKey

from dbsbm.core import metrics
from infra.catalog import CATALOG
from infra.telemetry import OURS, OUTCOMES, telemetry
from interactions.front_door import FrontDoor
from tests.infra.conftest import Assembly, Resources, of_type

ROOT = Path(__file__).parents[2]
PRODUCT = (ROOT / "functions", ROOT / "layers/shared/python/dbsbm")
EVERYTHING = [
    telemetry(CATALOG, max_connections=200, aurora=aurora, replica=replica, gateway=gateway)
    for aurora in (False, True) for replica in (False, True) for gateway in (False, True)
]  # fmt: skip
in_template = pytest.mark.xdist_group("synth")
NOW = 1_790_000_000.0


def _written() -> dict[str, Any]:
    """The line that the front door logs for a command it does not know."""
    key = SigningKey(bytes(32))
    body = json.dumps({"type": 2, "id": str(int(NOW * 1000 - 1420070400000) << 22), "data": {"name": "nothing"}})
    stamp = str(int(NOW))
    headers = {"x-signature-ed25519": key.sign(stamp.encode() + body.encode()).signature.hex(),
               "x-signature-timestamp": stamp}  # fmt: skip
    lines: list[str] = []
    front_door = FrontDoor.from_environ(
        {"DISCORD_PUBLIC_KEY": key.verify_key.encode().hex()}, now=lambda: NOW, log=lines.append
    )
    front_door({"version": "2.0", "headers": headers, "body": body, "isBase64Encoded": False})
    [line] = lines
    parsed: dict[str, Any] = json.loads(line)
    return parsed


def _emitted() -> set[str]:
    """Names of the metrics that some code records, and of the two that the front door writes itself."""
    sources = "".join(path.read_text() for folder in PRODUCT for path in folder.rglob("*.py"))
    recorded = {getattr(metrics, name).name for name in re.findall(r"record\(\s*metrics\.([A-Z_]+)", sources)}
    headers = _written()["_aws"]["CloudWatchMetrics"]
    return recorded | {metric["Name"] for header in headers for metric in header["Metrics"]}


def test_the_front_door_writes_what_the_table_says() -> None:
    line = _written()
    assert len(line["_aws"]["CloudWatchMetrics"]) == 2
    for written in line["_aws"]["CloudWatchMetrics"]:
        assert written["Namespace"] == OURS
        assert all(isinstance(line[metric["Name"]], int | float) for metric in written["Metrics"])
        assert all(metric["Name"] in metrics.TABLE for metric in written["Metrics"])


def test_each_metric_of_ours_is_emitted_and_each_emitted_one_is_watched() -> None:
    for watched in EVERYTHING:
        assert {name for namespace, name in watched.metrics() if namespace == OURS} == _emitted()


def test_metrics_are_watched_with_the_dimensions_they_are_written_with() -> None:
    for watched in EVERYTHING:
        panels = [panel for panels in watched.dashboards.values() for panel in panels]
        for metric in [*(m for panel in panels for m in panel.metrics), *(alarm.metric for alarm in watched.alarms)]:
            if metric.namespace == OURS:
                assert set(metric.dimensions) == set(metrics.TABLE[metric.name].dimensions), metric.name


def test_metrics_are_written_in_two_places_alone() -> None:
    sources = [path for folder in PRODUCT for path in folder.rglob("*.py")]
    writers = {path.relative_to(ROOT).as_posix() for path in sources if "CloudWatchMetrics" in path.read_text()}
    assert writers == {"functions/interactions/front_door.py", "layers/shared/python/dbsbm/core/metrics.py"}


def test_every_outcome_of_the_front_door_is_counted() -> None:
    source = (ROOT / "functions/interactions/front_door.py").read_text()
    named = re.findall(r'outcome="(\w+)"', source) + re.findall(r'notes\["outcome"\] = (.+)', source)
    assert {
        word for text in named for word in re.findall(r"[a-z_]{4,}", text) if word not in ("callback", "else")
    } == set(OUTCOMES)


def test_no_metric_has_a_dimension_for_a_guild_or_a_person() -> None:
    dimensions = [metric.dimensions for metric in metrics.TABLE.values()]
    shown = [metric for watched in EVERYTHING for alarm in watched.alarms for metric in alarm.metric.dimensions]
    assert not [name for name in [*shown, *chain(*dimensions)] if re.search("guild|user|member|channel", name)]


def test_every_alarm_names_a_runbook_that_is_there() -> None:
    for watched in EVERYTHING:
        for alarm in watched.alarms:
            assert (ROOT / "docs/runbooks" / alarm.runbook).is_file(), f"{alarm.name}: {alarm.runbook}"


def test_alarm_names_are_told_apart() -> None:
    for watched in EVERYTHING:
        names = [alarm.name for alarm in watched.alarms]
        assert len(names) == len(set(names))


@in_template
def test_the_template_holds_each_alarm_once_with_its_runbook_and_its_topic(functions: Resources) -> None:
    deployed = {p["AlarmName"]: p for _, p in of_type(functions, "AWS::CloudWatch::Alarm")}
    wanted = telemetry(CATALOG, max_connections=200).alarms
    assert set(deployed) == {f"dbsbm-prod-{alarm.name}" for alarm in wanted}
    [(topic, _)] = of_type(functions, "AWS::SNS::Topic")
    for alarm in wanted:
        properties = deployed[f"dbsbm-prod-{alarm.name}"]
        assert properties["AlarmDescription"].endswith(f"docs/runbooks/{alarm.runbook}")
        [told] = properties["AlarmActions"]
        assert told == {"Ref": topic} or topic in told["Fn::ImportValue"]  # the topic stands with the functions
        assert properties["TreatMissingData"] == ("breaching" if alarm.silence_is_bad else "notBreaching")


@in_template
def test_silence_is_an_alarm_where_people_are_expected_and_nowhere_else(assembly: Assembly) -> None:
    for stage in ("dev", "staging", "prod"):
        alarms = [
            p["AlarmName"] for _, p in of_type(assembly.resources(f"dbsbm-{stage}-watch"), "AWS::CloudWatch::Alarm")
        ]
        assert (f"dbsbm-{stage}-no-interactions" in alarms) is (stage == "prod")


@in_template
def test_three_dashboards_and_a_budget_are_deployed(functions: Resources) -> None:
    dashboards = {p["DashboardName"] for _, p in of_type(functions, "AWS::CloudWatch::Dashboard")}
    assert dashboards == {f"dbsbm-prod-{name}" for name in ("executive", "operational", "technical")}
    [(_, budget)] = of_type(functions, "AWS::Budgets::Budget")
    assert len(budget["NotificationsWithSubscribers"]) == 2
    [(_, composite)] = of_type(functions, "AWS::CloudWatch::CompositeAlarm")
    noticed = [alarm for alarm in telemetry(CATALOG, max_connections=200).alarms if alarm.people_notice]
    assert json.dumps(composite["AlarmRule"]).count("ALARM(") == len(noticed)


def test_a_schedule_is_silent_when_it_missed_three_firings() -> None:
    alarms = {alarm.name: alarm for alarm in telemetry(CATALOG, max_connections=200).alarms}
    found = {name: alarms[f"{name}-silent"].minutes for name in ("job_close", "job_settle", "feed_espn", "job_guilds")}
    assert found == {"job_close": 15, "job_settle": 15, "feed_espn": 15, "job_guilds": 180}

"""What Prometheus and Grafana get is what CloudWatch gets, in their own languages, read by their own tools."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from infra.catalog import CATALOG
from infra.telemetry import Metric, Telemetry, telemetry
from infra.telemetry.model import of_database, of_function, of_ours
from local import observability
from local.observability import FOLDER, documents, exporter, rules, series
from local.run import packages

ROOT = Path(__file__).parents[2]
WATCHED = telemetry(CATALOG, max_connections=280, replica=True, gateway=True)


def _written(name: str) -> str:
    return (ROOT / FOLDER / name).read_text()


def _dashboards() -> Iterator[dict[str, Any]]:
    for path in sorted((ROOT / FOLDER / "grafana").glob("*.json")):
        yield json.loads(path.read_text())


def _expressions() -> Iterator[str]:
    for group in yaml.safe_load(_written("rules.yml"))["groups"]:
        yield from (rule["expr"] for rule in group["rules"])
    for dashboard in _dashboards():
        yield from (target["expr"] for panel in dashboard["panels"] for target in panel["targets"])


def test_the_files_are_what_the_telemetry_says() -> None:
    for path, text in documents().items():
        assert (ROOT / path).read_text() == text, f"{path} is stale: python -m local.generate"


def test_every_alarm_is_an_alert_with_its_runbook_and_nothing_else_is() -> None:
    found = {rule["labels"].get("alarm"): rule for rule in rules(WATCHED)["groups"][0]["rules"]}
    assert set(found) == {alarm.name for alarm in WATCHED.alarms} | {None}  # None: all that people notice together
    for alarm in WATCHED.alarms:
        rule = found[alarm.name]
        assert rule["annotations"]["runbook"] == f"docs/runbooks/{alarm.runbook}"
        assert series(alarm.metric) in rule["expr"]
        assert ("absent(" in rule["expr"]) is alarm.silence_is_bad
        assert ("for" in rule) is (alarm.periods > 1)


def test_every_panel_is_a_panel_with_each_of_its_series() -> None:
    for dashboard, (name, panels) in zip(
        sorted(_dashboards(), key=lambda d: str(d["uid"])), sorted(WATCHED.dashboards.items()), strict=True
    ):
        assert dashboard["uid"] == f"dbsbm-{name}"
        assert [panel["title"] for panel in dashboard["panels"]] == [panel.title for panel in panels]
        for drawn, panel in zip(dashboard["panels"], panels, strict=True):
            assert [target["expr"] for target in drawn["targets"]] == [series(metric) for metric in panel.metrics]


def test_prometheus_language_reads_every_expression() -> None:
    for expression in _expressions():
        promql_parser.parse(expression)


def test_grafanas_own_model_takes_each_dashboard_and_loses_nothing() -> None:
    for document in _dashboards():
        again = json.loads(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(document)))
        assert _lost(document, again) == []


def _lost(given: Any, again: Any, path: str = "") -> list[str]:
    """Where ``again`` has not what was given."""
    if isinstance(given, dict):
        return [lost for key in given for lost in (
            _lost(given[key], again[key], f"{path}.{key}") if isinstance(again, dict) and key in again
            else [f"{path}.{key}"])]  # fmt: skip
    if isinstance(given, list):
        if len(given) != len(again):
            return [path]
        return [lost for one, two in zip(given, again, strict=True) for lost in _lost(one, two, f"{path}[]")]
    return [] if given == again else [path]


def test_the_exporter_asks_for_what_is_shown_or_sounds_and_for_nothing_else() -> None:
    asked = {(found["aws_namespace"], found["aws_metric_name"]) for found in exporter(WATCHED)["metrics"]}
    assert asked == WATCHED.metrics()


def test_series_are_named_as_the_exporter_names_them() -> None:
    delivery = 'function_name=~"dbsbm-[a-z]+-delivery",resource=~"dbsbm-[a-z]+-delivery:live"'
    assert series(of_function("delivery", "AsyncEventsDropped", "Sum")) == (
        f"aws_lambda_async_events_dropped_sum{{{delivery}}}"
    )
    assert series(of_database("CPUCreditBalance", "Minimum")) == (
        'aws_rds_cpucredit_balance_minimum{dbinstance_identifier=~".+"}'
    )
    assert series(of_ours("bets_posted", "Sum")) == "dbsbm_bets_posted_sum"


def test_a_metric_that_nobody_looks_at_is_not_paid_for() -> None:
    one = Metric("dbsbm", "bets_posted", "Sum", {})
    alarm = WATCHED.alarms[0]
    assert len(exporter(Telemetry([], {}))["metrics"]) == 0
    asked = exporter(Telemetry([alarm, type(alarm)("x", one, 1, "feed.md", "")], {}))["metrics"]
    assert [found["aws_metric_name"] for found in asked] == ["Errors", "bets_posted"]


def test_promtool_takes_configuration_and_rules(tmp_path: Path) -> None:
    tool = packages.find(packages.PROMTOOL)
    if tool is None:
        pytest.skip("promtool is not here: ./dev test takes it from Debian's package prometheus")
    for name in ("prometheus.yml", "rules.yml"):
        (tmp_path / name).write_text(_written(name))
    (tmp_path / "operations-token").touch()
    done = subprocess.run(
        [tool, "check", "config", str(tmp_path / "prometheus.yml")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(WATCHED.alarms) + 1} rules found" in done.stdout


def test_without_a_parser_a_wrong_expression_would_pass() -> None:
    with pytest.raises(ValueError, match="invalid"):
        promql_parser.parse(observability.series(of_ours("x", "Sum")) + " >=")

"""What ``infra/telemetry`` says, for those who watch with Prometheus and Grafana: ``infra/observability/``.

CloudWatch's metrics come through the CloudWatch exporter of Prometheus, whose names and labels these files use;
our own come the same way, so that everything has one history. Alarms become alert rules, dashboards dashboards.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from infra.catalog import CATALOG
from infra.telemetry import Alarm, Metric, Of, Panel, Search, Telemetry, telemetry

Json = dict[str, Any]
FOLDER = Path("infra/observability")
PARAMETERS = Path(__file__).parents[1] / "infra/database.cnf"
PERIOD_S = 300
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
_PLAIN = frozenset({"Sum", "SampleCount", "Average", "Minimum", "Maximum"})
_OVER = {"Sum": "sum", "SampleCount": "sum", "Average": "avg", "Minimum": "min"}
_HEAD = "# Made by python -m local.generate from infra/telemetry: change it there.\n"


def documents() -> Mapping[Path, str]:
    """Every file by its path below the repository."""
    [connections] = re.findall(r"^max_connections = (\d+)$", PARAMETERS.read_text(), re.MULTILINE)
    watched = telemetry(CATALOG, max_connections=int(connections), replica=True, gateway=True)
    return {
        FOLDER / "exporter.yml": _yaml(exporter(watched)),
        FOLDER / "rules.yml": _yaml(rules(watched)),
        FOLDER / "prometheus.yml": _yaml(prometheus()),
        **{
            FOLDER / f"grafana/{name}.json": json.dumps(dashboard(name, panels), indent=1, ensure_ascii=False) + "\n"
            for name, panels in watched.dashboards.items()
        },
    }


def exporter(watched: Telemetry) -> Json:
    """What the exporter asks CloudWatch for: each metric with every statistic somebody looks at."""
    asked: dict[tuple[str, str, tuple[str, ...]], set[str]] = {}
    for metric in _every(watched):
        asked.setdefault((metric.namespace, metric.name, tuple(metric.dimensions)), set()).add(metric.statistic)
    metrics = [_asked(*key, sorted(statistics)) for key, statistics in sorted(asked.items())]
    return {"region": "us-east-1", "period_seconds": PERIOD_S, "delay_seconds": 60, "metrics": metrics}


def rules(watched: Telemetry) -> Json:
    alerts = [_rule(alarm) for alarm in watched.alarms]
    noticed = "|".join(re.escape(_alert(alarm.name)) for alarm in watched.alarms if alarm.people_notice)
    together = {
        "alert": "PeopleNotice",
        "expr": f'count(ALERTS{{alertstate="firing",alertname=~"{noticed}"}}) > 0',
        "labels": {"severity": "page"},
        "annotations": {"summary": "People in Discord see that something is wrong.",
                        "runbook": "docs/runbooks/README.md"},
    }  # fmt: skip
    return {"groups": [{"name": "dbsbm", "interval": "60s", "rules": [*alerts, together]}]}


def prometheus() -> Json:
    """A server that reads the exporter and, with the operations token, ``GET /metrics``."""
    return {
        "global": {"scrape_interval": "60s", "evaluation_interval": "60s"},
        "rule_files": ["rules.yml"],
        "scrape_configs": [
            {"job_name": "cloudwatch", "static_configs": [{"targets": ["127.0.0.1:9106"]}]},
            {
                "job_name": "dbsbm",
                "scheme": "http",
                "authorization": {"type": "Bearer", "credentials_file": "operations-token"},
                "static_configs": [{"targets": ["127.0.0.1:8080"]}],
            },
        ],
    }


def dashboard(name: str, panels: Sequence[Panel]) -> Json:
    return {
        "uid": f"dbsbm-{name}",
        "title": f"DBSBM, {name}",
        "tags": ["dbsbm"],
        "schemaVersion": 39,
        "editable": False,
        "refresh": "1m",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [{"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus"}]
        },
        "panels": [_panel(number, panel) for number, panel in enumerate(panels)],
    }


def series(metric: Metric | Search) -> str:
    """The exporter's series of a metric, with its labels."""
    spoken = _snake(metric.name)
    base = f"{metric.namespace.lower().replace('/', '_')}_{spoken}_{_snake(metric.statistic)}"
    if isinstance(metric, Search):
        return base
    labels = ",".join(f"{_snake(name)}{_matching(value)}" for name, value in metric.dimensions.items())
    return f"{base}{{{labels}}}" if labels else base


def _rule(alarm: Alarm) -> Json:
    seen = series(alarm.metric)
    if alarm.minutes * 60 > PERIOD_S:
        over = _OVER.get(alarm.metric.statistic, "max")
        seen = f"{over}_over_time({seen}[{alarm.minutes}m:{PERIOD_S}s])"
    compared = f"{seen} {'>=' if alarm.direction == 'at_least' else '<'} {alarm.threshold:g}"
    expr = f"({compared}) or absent({series(alarm.metric)})" if alarm.silence_is_bad else compared
    rule: Json = {"alert": _alert(alarm.name), "expr": expr}
    if alarm.periods > 1:
        rule["for"] = f"{alarm.minutes * (alarm.periods - 1)}m"
    labels = {"alarm": alarm.name, "severity": "page" if alarm.people_notice else "ticket"}
    if alarm.stages:
        labels["stages"] = ",".join(alarm.stages)
    annotations = {"summary": alarm.why, "runbook": f"docs/runbooks/{alarm.runbook}"}
    return {**rule, "labels": labels, "annotations": annotations}


def _panel(number: int, panel: Panel) -> Json:
    targets = [_target(index, metric) for index, metric in enumerate(panel.metrics)]
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel.title,
        "datasource": DATASOURCE,
        "gridPos": {"h": 8, "w": 12, "x": 12 * (number % 2), "y": 8 * (number // 2)},
        "targets": targets,
    }


def _target(index: int, metric: Metric | Search) -> Json:
    if isinstance(metric, Search):
        legend = " ".join(f"{{{{{_snake(name)}}}}}" for name in metric.dimensions)
    else:
        legend = f"{metric.label} {metric.statistic}".strip()
    return {"refId": _letters(index), "datasource": DATASOURCE, "expr": series(metric), "legendFormat": legend}


def _asked(namespace: str, name: str, dimensions: tuple[str, ...], statistics: list[str]) -> Json:
    found: Json = {"aws_namespace": namespace, "aws_metric_name": name}
    if dimensions:
        found["aws_dimensions"] = list(dimensions)
    plain = [statistic for statistic in statistics if statistic in _PLAIN]
    if plain:
        found["aws_statistics"] = plain
    extended = [statistic for statistic in statistics if statistic not in _PLAIN]
    if extended:
        found["aws_extended_statistics"] = extended
    return found


def _every(watched: Telemetry) -> Iterator[Metric | Search]:
    for panels in watched.dashboards.values():
        for panel in panels:
            yield from panel.metrics
    for alarm in watched.alarms:
        yield alarm.metric


def _matching(value: str | Of) -> str:
    if isinstance(value, str):
        return f'="{value}"'
    if value.thing == "function":
        name, _, alias = value.name.partition(":")
        return f'=~"dbsbm-[a-z]+-{name}{":" + alias if alias else ""}"'
    if value.thing == "queue":
        return f'=~"dbsbm-[a-z]+-{value.name}"'
    return '=~".*replica.*"' if value.thing == "replica" else '=~".+"'


def _snake(name: str) -> str:
    """As the exporter spells CloudWatch's names."""
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()


def _alert(name: str) -> str:
    return "".join(part.capitalize() for part in re.split(r"[-_]", name))


def _letters(index: int) -> str:
    """A, B, … Z, AA, AB, …"""
    first, second = divmod(index, 26)
    return (chr(64 + first) if first else "") + chr(65 + second)


def _yaml(document: Json) -> str:
    return _HEAD + yaml.safe_dump(document, sort_keys=False, width=120, allow_unicode=True)

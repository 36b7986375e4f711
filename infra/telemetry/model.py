"""What an alarm, a panel and a metric are, and the short ways to name the metrics of AWS and ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

OURS = "dbsbm"
"""Namespace of the metrics that our code writes into its log lines (embedded metric format)."""
OUTCOMES = (
    *("answered", "deferred", "late", "pong", "refused"),
    *("malformed", "unknown_route", "failed", "not_taken", "unusable"),
)
"""What the front door calls the ways an interaction can end."""

Thing = Literal["api", "cache", "database", "nat_gateway", "nat_instance", "replica", "queue", "function"]


@dataclass(frozen=True, slots=True)
class Of:
    """A dimension's value known only where the thing lives, e.g. ``Of("function", "delivery")``, ``Of("database")``."""

    thing: Thing
    name: str = ""


@dataclass(frozen=True, slots=True)
class Metric:
    """``statistic`` as CloudWatch spells it: ``Sum``, ``p99``, ``SampleCount``."""

    namespace: str
    name: str
    statistic: str
    dimensions: Mapping[str, str | Of]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """One of our metrics for every value its dimensions ever had, e.g. each error code. On dashboards alone."""

    name: str
    statistic: str
    dimensions: tuple[str, ...]
    namespace: str = OURS


@dataclass(frozen=True, slots=True)
class Alarm:
    """Sounds when ``metric`` is ``at_least`` or ``below`` the threshold, ``periods`` stretches of ``minutes`` in a row.

    ``silence_is_bad``: no datum at all counts as breaching. ``runbook`` is a page under ``docs/runbooks/``.
    ``stages`` limits it, all when empty; ``people_notice`` feeds the composite alarm.
    """

    name: str
    metric: Metric
    threshold: float
    runbook: str
    why: str
    direction: Literal["at_least", "below"] = "at_least"
    minutes: int = 5
    periods: int = 1
    silence_is_bad: bool = False
    people_notice: bool = False
    stages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    title: str
    metrics: tuple[Metric | Search, ...]


@dataclass(frozen=True, slots=True)
class Telemetry:
    alarms: Sequence[Alarm]
    dashboards: Mapping[str, Sequence[Panel]] = field(default_factory=dict)

    def metrics(self) -> frozenset[tuple[str, str]]:
        """Namespace and name of everything on an alarm or a dashboard."""
        shown = [metric for panels in self.dashboards.values() for panel in panels for metric in panel.metrics]
        return frozenset((m.namespace, m.name) for m in [*shown, *(alarm.metric for alarm in self.alarms)])


def of_function(function: str, name: str, statistic: str) -> Metric:
    """A metric that Lambda keeps of the alias ``live``."""
    where = Of("function", function)
    dimensions = {"FunctionName": where, "Resource": Of("function", f"{function}:live")}
    return Metric("AWS/Lambda", name, statistic, dimensions, label=function)


def of_front_door(name: str, statistic: str, outcome: str) -> Metric:
    return Metric(OURS, name, statistic, {"function": "interactions", "outcome": outcome}, label=outcome)


def of_ours(name: str, statistic: str) -> Metric:
    """A metric of ours without dimensions."""
    return Metric(OURS, name, statistic, {}, label=name)


def of_database(name: str, statistic: str, thing: Thing = "database") -> Metric:
    return Metric("AWS/RDS", name, statistic, {"DBInstanceIdentifier": Of(thing)}, label=thing)


def of_cluster(name: str, statistic: str) -> Metric:
    return Metric("AWS/RDS", name, statistic, {"DBClusterIdentifier": Of("database")}, label="database")


def of_api(name: str, statistic: str) -> Metric:
    return Metric("AWS/ApiGateway", name, statistic, {"ApiId": Of("api")}, label=name)


def of_cache(name: str, statistic: str) -> Metric:
    return Metric("AWS/ElastiCache", name, statistic, {"clusterId": Of("cache")}, label=name)


def of_queue(queue: str, name: str) -> Metric:
    return Metric("AWS/SQS", name, "Maximum", {"QueueName": Of("queue", queue)}, label=queue)

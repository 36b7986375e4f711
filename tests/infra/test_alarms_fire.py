"""Every alarm as it is deployed sounds once, by what our code writes or AWS counts, and is quiet before and after.

CloudWatch cannot be had on a laptop, so its rules are here, as far as our alarms need them ("Using Amazon CloudWatch
alarms", "Embedded metric format", AWS): a statistic over each period, all of the last periods, missing data as told.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from dbsbm.core import metrics
from infra.catalog import CATALOG
from infra.cdk.database import parameters
from infra.telemetry import OURS, Alarm, telemetry
from tests.infra.conftest import Assembly, of_type

pytestmark = pytest.mark.xdist_group("synth")
NOW = 1_790_000_000
PLAIN: Mapping[str, Callable[[Sequence[float]], float]] = {
    "Sum": sum, "SampleCount": len, "Minimum": min, "Maximum": max, "Average": lambda v: sum(v) / len(v)}  # fmt: skip
Key = tuple[str, str, str]


class CloudWatch:
    """Data by namespace, name and dimensions, and what an alarm over them says."""

    def __init__(self) -> None:
        self._data: defaultdict[Key, list[tuple[float, float]]] = defaultdict(list)

    def take(self, line: str) -> None:
        """A line in the embedded metric format, as a function logs it."""
        document = json.loads(line)
        for header in document["_aws"]["CloudWatchMetrics"]:
            for names in header["Dimensions"]:
                dimensions = {name: document[name] for name in names}
                for metric in header["Metrics"]:
                    found = document[metric["Name"]]
                    for value in found if isinstance(found, list) else [found]:
                        at = document["_aws"]["Timestamp"] / 1000
                        self.put(header["Namespace"], metric["Name"], dimensions, at, value)

    def put(self, namespace: str, name: str, dimensions: Mapping[str, Any], at: float, value: float) -> None:
        self._data[namespace, name, json.dumps(dimensions, sort_keys=True)].append((at, value))

    def sounds(self, alarm: Mapping[str, Any], now: float) -> bool:
        """``alarm``: its properties in the template. "M out of N" is not among them: all periods have to breach."""
        assert "DatapointsToAlarm" not in alarm
        dimensions = {each["Name"]: each["Value"] for each in alarm.get("Dimensions", [])}
        data = self._data[alarm["Namespace"], alarm["MetricName"], json.dumps(dimensions, sort_keys=True)]
        period, periods = alarm["Period"], alarm["EvaluationPeriods"]
        return all(self._breaches(alarm, data, now - period * (back + 1), period) for back in range(periods))

    @staticmethod
    def _breaches(alarm: Mapping[str, Any], data: Sequence[tuple[float, float]], begin: float, period: float) -> bool:
        seen = sorted(value for at, value in data if begin <= at < begin + period)
        if not seen:
            return bool(alarm["TreatMissingData"] == "breaching")
        if "ExtendedStatistic" in alarm:
            share = float(alarm["ExtendedStatistic"].removeprefix("p")) / 100
            value = seen[math.ceil(share * len(seen)) - 1]
        else:
            value = PLAIN[alarm["Statistic"]](seen)
        if alarm["ComparisonOperator"] == "LessThanThreshold":
            return bool(value < alarm["Threshold"])
        assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
        return bool(value >= alarm["Threshold"])


WATCHED: Mapping[tuple[str, str], Sequence[Alarm]] = {
    ("dbsbm-prod", "prod"): telemetry(CATALOG, max_connections=int(parameters()["max_connections"])).alarms,
    ("grown", "prod"): telemetry(CATALOG, max_connections=int(parameters()["max_connections"]), replica=True).alarms,
    ("aurora", "prod"): telemetry(
        CATALOG, max_connections=int(parameters()["max_connections"]), replica=True, aurora=True
    ).alarms,
    ("small", "prod"): telemetry(CATALOG, max_connections=int(parameters()["max_connections"]), gateway=False).alarms,
}
"""What is watched with each choice, by the prefix of its stacks."""


def _deployed(assembly: Assembly, prefix: str) -> dict[str, dict[str, Any]]:
    found = of_type({**assembly.resources(f"{prefix}-functions"), **assembly.resources(f"{prefix}-watch")},
                    "AWS::CloudWatch::Alarm")  # fmt: skip
    return {p["AlarmName"].partition("-")[2].partition("-")[2]: _plain(p) for _, p in found}


def _plain(alarm: dict[str, Any]) -> dict[str, Any]:
    """A metric with a label stands in a list of one; an alarm over it is the same alarm."""
    if "Metrics" not in alarm:
        return alarm
    [only] = alarm["Metrics"]
    assert only["ReturnData"] is True
    asked = only["MetricStat"]
    kind = "Statistic" if asked["Stat"] in PLAIN else "ExtendedStatistic"
    return {**alarm, **asked["Metric"], "Period": asked["Period"], kind: asked["Stat"]}


def _amounts(alarm: Alarm, *, bad: bool) -> Iterator[float]:
    """What happens in one period: just enough to breach, or just not."""
    least = alarm.threshold
    if alarm.metric.statistic == "SampleCount":
        yield from [1.0] * int(least if bad else least - 1)
    elif alarm.direction == "below":
        yield least - 1 if bad else least
    else:
        yield least if bad else least - 1


def _happens(cloud: CloudWatch, alarm: Alarm, deployed: Mapping[str, Any], at: float, *, bad: bool) -> None:
    """Ours is written by our own code in its own format; what AWS counts is put there as AWS names it."""
    for amount in _amounts(alarm, bad=bad):
        if alarm.metric.namespace == OURS:
            ours = metrics.TABLE[alarm.metric.name]
            values = {name: str(value) for name, value in alarm.metric.dimensions.items()}
            with metrics.collected() as samples:
                metrics.record(ours, amount, **values)
            for line in metrics.embedded(samples, int(at * 1000)):
                cloud.take(line)
        else:
            dimensions = {each["Name"]: each["Value"] for each in deployed["Dimensions"]}
            cloud.put(deployed["Namespace"], deployed["MetricName"], dimensions, at, amount)


@pytest.mark.parametrize("choice", WATCHED, ids=lambda choice: choice[0])
def test_every_alarm_sounds_once_and_is_quiet_before_and_after(
    assembly: Assembly, choice: tuple[str, str], figure: Any
) -> None:
    prefix, stage = choice
    deployed = _deployed(assembly, prefix)
    wanted = {alarm.name: alarm for alarm in WATCHED[choice] if not alarm.stages or stage in alarm.stages}
    assert set(deployed) == set(wanted)
    for name, alarm in wanted.items():
        cloud, properties = CloudWatch(), deployed[name]
        period, quiet, now = properties["Period"], alarm.silence_is_bad, float(NOW)
        assert cloud.sounds(properties, now) is quiet, f"{name}: nothing has happened"
        for number in range(alarm.periods):
            _happens(cloud, alarm, properties, now + 1, bad=False)
            now += period
            assert not cloud.sounds(properties, now), f"{name}: all is well, period {number}"
        for number in range(1, alarm.periods + 1):
            _happens(cloud, alarm, properties, now + 1, bad=True)
            now += period
            assert cloud.sounds(properties, now) is (number == alarm.periods), f"{name}: bad for {number} periods"
        _happens(cloud, alarm, properties, now + 1, bad=False)
        assert not cloud.sounds(properties, now + period), f"{name}: well again"
    figure(f"{prefix}: {len(wanted)} alarms, each sounded once")


def test_one_alarm_that_people_notice_is_enough_for_the_one_above(assembly: Assembly) -> None:
    [(_, composite)] = of_type(assembly.resources("dbsbm-prod-watch"), "AWS::CloudWatch::CompositeAlarm")
    rule = json.dumps(composite["AlarmRule"])
    noticed = [alarm.name for alarm in WATCHED["dbsbm-prod", "prod"] if alarm.people_notice]
    assert rule.count("ALARM(") == len(noticed)
    assert rule.count(" OR ") == len(noticed) - 1
    assert " AND " not in rule
    assert "NOT" not in rule

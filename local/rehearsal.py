"""A shift played through in the local cloud: two versions side by side, alarms, the way back, the history.

The rules are CodeDeploy's as ``infra/shifting.py`` gives them to it; the alarms are those of ``infra/telemetry``, read
from what the functions really did. docs/local.md says what this cannot show.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from infra.catalog import CATALOG, SHIFTED
from infra.shifting import BAKE_MINUTES, CHECK, FIRST_SHARE, every_alarm
from infra.telemetry import OURS, Alarm, telemetry
from local.cloud import Cloud
from local.cloud.release import FIRST, SECOND, Release
from local.deploy.history import Entry, Outcome, Step

ALARMS: Mapping[str, Alarm] = {
    alarm.name: alarm for alarm in telemetry(CATALOG, max_connections=1).alarms if alarm.name in every_alarm()
}


@dataclass(slots=True)
class Rehearsed:
    """``calls`` of the functions that shift, and ``failed`` among them, by version."""

    outcome: Outcome
    alarm: str = ""
    minutes: int = 0
    calls: dict[str, int] = field(default_factory=lambda: {FIRST: 0, SECOND: 0})
    failed: dict[str, int] = field(default_factory=lambda: {FIRST: 0, SECOND: 0})
    back_after_s: float = 0.0
    steps: list[Step] = field(default_factory=list)

    def entry(self, cloud: Cloud, commit: str) -> Entry:
        began = cloud.clock.now() - timedelta(minutes=self.minutes)
        number = SECOND if self.outcome == "succeeded" else FIRST
        return Entry("local", began, commit, "rehearsal", self.outcome, self.steps, dict.fromkeys(SHIFTED, number))


def rehearse(cloud: Cloud, functions: Path, traffic: Callable[[], object]) -> Rehearsed:
    """Let the functions of another folder take over. ``traffic`` is what people do within a minute."""
    release = cloud.release(functions)
    began = time.perf_counter()
    status, said = _checked(cloud)
    check = Step("check", status == "Succeeded", time.perf_counter() - began, said)
    if not check.good:
        return Rehearsed("stopped before traffic", steps=[check])
    rehearsed = Rehearsed("succeeded", steps=[check])
    release.shift(SHIFTED, FIRST_SHARE)
    watch = _Watch(cloud, release)
    for minute in range(1, BAKE_MINUTES + 1):
        rehearsed.minutes = minute
        traffic()
        cloud.advance(60)
        rehearsed.calls, rehearsed.failed = watch.counted()
        alarm = watch.sounding()
        if alarm:
            seen = time.perf_counter()
            release.shift(SHIFTED, 0.0)
            rehearsed.back_after_s = time.perf_counter() - seen
            rehearsed.outcome, rehearsed.alarm = "rolled back", alarm
            rehearsed.steps.append(Step("shift", False, minute * 60.0, f"{alarm} sounded in minute {minute}"))
            return rehearsed
    release.shift(SHIFTED, 1.0)
    rehearsed.steps.append(Step("shift", True, BAKE_MINUTES * 60.0, "all of the traffic"))
    return rehearsed


def _checked(cloud: Cloud) -> tuple[str, str]:
    """CodeDeploy's hook, by the newest code; what it does not answer is a failure."""
    cloud.messages("failed-invocations")  # moto takes seconds to load, for which no caller of AWS waits
    execution = cloud.new_request_id()
    event = {"DeploymentId": "d-LOCAL", "LifecycleEventHookExecutionId": execution}
    outcome = cloud.call(CHECK, json.dumps(event).encode(), cloud.new_request_id(), qualifier=SECOND)
    status = cloud.hooks.told.get(execution, "no answer")
    document = outcome.document() or {}
    return status, "; ".join(document.get("faults", [])) or str(document.get("errorMessage", status))


class _Watch:
    """The alarms that take a version back, over what happened since the shift began."""

    def __init__(self, cloud: Cloud, release: Release) -> None:
        self._cloud = cloud
        self._release = release
        self._before = {name: len(cloud.invocations(name)) for name in SHIFTED}
        self._said = Counter(self._front_door())

    def counted(self) -> tuple[dict[str, int], dict[str, int]]:
        calls, failed = {FIRST: 0, SECOND: 0}, {FIRST: 0, SECOND: 0}
        for name in SHIFTED:
            for invocation in self._cloud.invocations(name)[self._before[name] :]:
                calls[invocation.version] += 1
                failed[invocation.version] += invocation.failed
        return calls, failed

    def sounding(self) -> str:
        """The first alarm that sounds; "" when none does."""
        return next((name for name, alarm in ALARMS.items() if self._value(alarm) >= alarm.threshold), "")

    def _value(self, alarm: Alarm) -> float:
        metric = alarm.metric
        if metric.namespace == OURS:
            wanted = str(metric.dimensions["outcome"])
            return Counter(self._front_door())[wanted] - self._said[wanted]
        front = self._cloud.invocations("interactions")[self._before["interactions"] :]
        if metric.namespace == "AWS/ApiGateway":
            return float(sum(found.failed or found.result.get("statusCode", 0) >= 500 for found in front))
        name = alarm.name.removesuffix("-errors")
        return sum(found.failed for found in self._cloud.invocations(name)[self._before[name] :])

    def _front_door(self) -> list[str]:
        """How each interaction ended, by either version."""
        lines = [*self._cloud.logs("interactions"), *self._release.logs("interactions")]
        return [str(line["outcome"]) for line in lines if "outcome" in line]

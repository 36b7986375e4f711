"""What a report says, before it has a format."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dbsbm.compliance.cases.findings import by_urgency
from dbsbm.compliance.controls import CONTROLS
from dbsbm.compliance.frameworks import FRAMEWORKS, Framework
from dbsbm.compliance.model import Control, Source, State, Strength
from dbsbm.compliance.report.series import FRAMEWORKS_OF, Period, Series
from dbsbm.compliance.store.model import Finding, FindingState, Result, Run, Workflow

PURPOSE = (
    "This report lists what was observed about the product by its own controls. It is engineering evidence for "
    "whoever audits or decides; it is not an audit opinion, not a certificate and not legal advice. A requirement that "
    "a control is mapped to is touched by it, not met by it. What no control touches stands below."
)


@dataclass(frozen=True, slots=True)
class Line:
    """One control in a report; ``wrong_runs`` of ``runs`` in the period were not satisfied.

    ``collected_at`` is None where the run's document cannot be read, or there was no evidence.
    """

    control: Control
    result: Result
    collected_at: datetime | None
    requirements: tuple[str, ...]
    runs: int
    wrong_runs: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of a framework: which of its parts at least one control touches, and which none does."""

    framework: Framework
    touched: tuple[str, ...]
    untouched: tuple[str, ...]
    by_state: Mapping[State, int]

    @property
    def percent(self) -> int:
        return 100 * len(self.touched) // len(self.framework.units)


@dataclass(frozen=True, slots=True)
class Required:
    """A requirement with every control that is mapped to it, and how strongly."""

    requirement: str
    controls: tuple[tuple[Line, Strength], ...]


@dataclass(frozen=True, slots=True)
class Content:
    """``version`` counts the reports of one period.

    ``findings`` and ``workflows`` stood when it was made or ended since the period began: the most urgent first.
    """

    stage: str
    series: Series
    period: Period
    version: int
    made_at: datetime
    run: Run
    runs: int
    lines: tuple[Line, ...]
    coverage: tuple[Coverage, ...]
    findings: tuple[Finding, ...]
    workflows: tuple[Workflow, ...]

    @property
    def title(self) -> str:
        keys = ", ".join(each.framework.title.split(",")[0] for each in self.coverage)
        return f"Controls report {self.period.name}: {keys}"

    @property
    def stamp(self) -> str:
        """What it is about, and when it was made from what."""
        first, last = self.period.since, self.period.until - timedelta(days=1)
        under_way = " (not over when this was made)" if self.made_at < self.period.until else ""
        return (
            f"Stage {self.stage}, {self.series.value} report, version {self.version}. "
            f"Period: {first:%Y-%m-%d} to {last:%Y-%m-%d} (UTC){under_way}, runs of all controls in it: {self.runs}. "
            f"Made {self.made_at:%Y-%m-%d %H:%M} UTC from the run of {self.run.at:%Y-%m-%d %H:%M} UTC."
        )

    @property
    def moved(self) -> str:
        """How many findings came and went in the period, and how many are left."""
        opened = sum(self.period.since <= each.opened_at < self.period.until for each in self.findings)
        ended = [each.closed_at for each in self.findings if each.closed_at]
        closed = sum(self.period.since <= at < self.period.until for at in ended)
        return f"Findings opened in the period: {opened}; closed: {closed}; standing when this was made: " + str(
            sum(each.state is not FindingState.CLOSED for each in self.findings)
        )

    def required(self, framework: Framework) -> Sequence[Required]:
        """What of a framework is touched, in the framework's order, with the controls that touch it."""
        found: dict[str, list[tuple[Line, Strength]]] = {}
        for line in self.lines:
            for each in line.control.maps:
                if each.framework == framework.key:
                    found.setdefault(each.requirement, []).append((line, each.strength))
        return [Required(name, tuple(found[name])) for name in sorted(found, key=_in_order)]

    def counted(self) -> dict[State, int]:
        return {state: sum(line.result.state is state for line in self.lines) for state in State}

    def automated(self) -> tuple[int, int]:
        """How many controls were judged by a machine, and how many of these are satisfied."""
        judged = [
            line.result.state
            for line in self.lines
            if line.control.source is not Source.PERSON and line.result.state in (State.SATISFIED, State.NOT_SATISFIED)
        ]
        return len(judged), judged.count(State.SATISFIED)


@dataclass(frozen=True, slots=True)
class Material:
    """What a report is made from; ``histories`` are the states of each control over the period's runs.

    ``collected``: when each evidence was, by its name.
    """

    run: Run
    collected: Mapping[str, datetime]
    results: Mapping[str, Result]
    histories: Mapping[str, Sequence[State]]
    findings: Sequence[Finding]
    workflows: Sequence[Workflow]


def content_of(  # noqa: PLR0917 — a report is named by all of these
    material: Material, stage: str, series: Series, period: Period, version: int, made_at: datetime
) -> Content:
    """The content for the series' frameworks: controls that are mapped to none of them are left out."""
    keys = FRAMEWORKS_OF[series]
    lines = tuple(_lines(material, keys))
    shown = {line.control.control_id for line in lines}
    return Content(
        stage=stage,
        series=series,
        period=period,
        version=version,
        made_at=made_at,
        run=material.run,
        runs=max((len(states) for states in material.histories.values()), default=0),
        lines=lines,
        coverage=tuple(_coverage(FRAMEWORKS[key], lines) for key in keys),
        findings=tuple(each for each in by_urgency(material.findings) if each.control in shown),
        workflows=tuple(each for each in material.workflows if each.control in shown),
    )


def _in_order(requirement: str) -> list[tuple[int, str]]:
    """A.5.9 before A.5.10: numbers by what they are worth."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.findall(r"\d+|\D+", requirement)]


def _lines(material: Material, keys: Sequence[str]) -> Iterable[Line]:
    for control_id, control in CONTROLS.items():
        named = tuple(
            f"{each.framework.upper()} {each.requirement} ({each.strength})"
            for each in control.maps
            if each.framework in keys
        )
        result = material.results.get(control_id)
        if named and result is not None:
            history = material.histories.get(control_id, ())
            wrong = sum(state is State.NOT_SATISFIED for state in history)
            collected_at = material.collected.get(control.evidence) if result.evidence else None
            yield Line(control, result, collected_at, named, len(history), wrong)


def _coverage(framework: Framework, lines: Sequence[Line]) -> Coverage:
    touched: set[str] = set()
    states: list[State] = []
    for line in lines:
        units = {framework.unit_of(m.requirement) for m in line.control.maps if m.framework == framework.key}
        touched |= units
        states += [line.result.state] if units else []
    return Coverage(
        framework,
        tuple(unit for unit in framework.units if unit in touched),
        tuple(unit for unit in framework.units if unit not in touched),
        {state: states.count(state) for state in State},
    )

"""What a report says, before it has a format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dbsbm.compliance.controls import CONTROLS
from dbsbm.compliance.frameworks import FRAMEWORKS, Framework
from dbsbm.compliance.model import Control, Source, State
from dbsbm.compliance.report.series import FRAMEWORKS_OF, Period, Series
from dbsbm.compliance.store.model import Finding, Result, Run, Workflow

PURPOSE = (
    "This report lists what was observed about the product by its own controls. It is engineering evidence for "
    "whoever audits or decides; it is not an audit opinion, not a certificate and not legal advice. A requirement that "
    "a control is mapped to is touched by it, not met by it. What no control touches stands below."
)


@dataclass(frozen=True, slots=True)
class Line:
    """One control in a report; ``wrong_runs`` of ``runs`` in the period were not satisfied."""

    control: Control
    result: Result
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
class Content:
    """``version`` counts the reports of one period; ``findings`` and ``workflows`` are those that stand."""

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
    """What a report is made from; ``histories`` are the states of each control over the period's runs."""

    run: Run
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
        findings=tuple(each for each in material.findings if each.control in shown),
        workflows=tuple(each for each in material.workflows if each.control in shown),
    )


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
            yield Line(control, result, named, len(history), wrong)


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

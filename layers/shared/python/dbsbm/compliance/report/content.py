"""What a report says, before it has a format."""

from __future__ import annotations

import re
from collections import Counter
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
    """Of a framework: which of its parts at least one control touches, how many of these one that a machine judges
    touches, and which none does."""

    framework: Framework
    touched: tuple[str, ...]
    by_machine: int
    untouched: tuple[str, ...]

    @property
    def share(self) -> str:
        units = len(self.framework.units)
        return f"{len(self.touched)} of {units} {self.framework.unit_name} ({100 * len(self.touched) // units} %)"

    @property
    def missing(self) -> Sequence[str]:
        """What none touches: in one line, or in a line for each group with how much of it is touched."""
        group = self.framework.group
        if group is None:
            return [", ".join(self.untouched) or "none"]
        sizes = Counter(group.findall(" ".join(self.framework.units)))
        lines = []
        for name, size in sizes.items():
            missing = [unit for unit in self.untouched if unit.startswith(name)]
            lines.append(
                f"{name}: {size - len(missing)} of {size}" + (f", not {', '.join(missing)}" if missing else "")
            )
        return lines


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

    def counted(self, framework: Framework | None = None) -> dict[State, int]:
        """How many controls came to each state, of all or of those that a framework is touched by."""
        states = [
            line.result.state
            for line in self.lines
            if framework is None or any(each.framework == framework.key for each in line.control.maps)
        ]
        return {state: states.count(state) for state in State}

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
        coverage=tuple(coverage_of(FRAMEWORKS[key], [line.control for line in lines]) for key in keys),
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


def coverage_of(framework: Framework, controls: Iterable[Control]) -> Coverage:
    """What of a framework these controls touch."""
    touched: set[str] = set()
    by_machine: set[str] = set()
    for control in controls:
        units = {framework.unit_of(m.requirement) for m in control.maps if m.framework == framework.key}
        touched |= units
        by_machine |= units if control.source is not Source.PERSON else set()
    return Coverage(
        framework,
        tuple(unit for unit in framework.units if unit in touched),
        sum(unit in by_machine for unit in framework.units),
        tuple(unit for unit in framework.units if unit not in touched),
    )

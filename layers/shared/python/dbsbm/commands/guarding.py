"""The job that keeps the controls: judge, take workflows on, let findings climb, report, tell people."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from dbsbm.commands.compliance import data, finding_line, within
from dbsbm.commands.guard_round import AT_ONCE, Guard, Round
from dbsbm.commands.guard_workflows import moved_on
from dbsbm.commands.telling import WORDS
from dbsbm.commands.words.catalogue import Markdown
from dbsbm.compliance.cases import findings
from dbsbm.compliance.cases.repository import FindingRepository
from dbsbm.compliance.cases.unjudged import unjudged
from dbsbm.compliance.report.making import Press, due, make
from dbsbm.compliance.report.series import Series
from dbsbm.compliance.running import differing, judge_again, run_controls
from dbsbm.compliance.store.model import Finding, FindingState, Report
from dbsbm.compliance.store.repository import ReportRepository, RunRepository
from dbsbm.core import metrics
from dbsbm.core.errors import NotFoundError
from dbsbm.database.session import Session
from dbsbm.discord import components
from dbsbm.discord.definitions import Json

EVERY = timedelta(hours=23)
"""Between two runs: with a schedule of an hour, once a day."""


def look_after(guard: Guard, event: Mapping[str, Any]) -> Json:
    """One run. ``{"run": true}`` judges now, ``{"report": "monthly"}`` makes a version for the period under way,
    ``{"again": "<run>"}`` judges a run by its stored evidence.

    Each part stands for itself: one that fails keeps no other from being done, and is raised at the end.
    """
    if event.get("again"):
        return _judged_again(guard, int(event["again"]))
    run = Round(guard, guard.environment.clock.now())
    parts: Mapping[str, Callable[[], object]] = {
        "ran": partial(_judged, run, at_once=event.get("run") is True),
        "workflows": partial(moved_on, run),
        "climbed": partial(_climbed, run),
        "reports": partial(_reported, run, str(event.get("report") or "")),
    }
    done = {name: run.apart(name, part) for name, part in parts.items()}
    run.nudge()
    if run.failures:
        raise run.failures[0]
    return {"v": 1, **done}


def _judged_again(guard: Guard, run_id: int) -> Json:
    with guard.environment.database.read() as session:
        run = RunRepository(session).find(run_id)
    if run is None:
        raise NotFoundError(f"no run {run_id}")
    judged = judge_again(guard.stored, run)
    return {"v": 1, "judged": len(judged), "differ": sorted(differing(judged))}


def _judged(run: Round, *, at_once: bool) -> Json | None:
    environment = run.environment
    with environment.database.read() as session:
        last = RunRepository(session).newest()
    if last is not None and run.now - last.at < EVERY and not at_once:
        return None

    def tell(session: Session, fresh: Sequence[Finding]) -> None:
        if fresh:
            run.tell(session, run.operators(), _told_of(fresh, "compliance.found"))

    collector = run.guard.collector(last.cursor_guild if last else 0)
    done = run_controls(collector, environment.clock, environment.ids, timer=time.perf_counter, tell=tell).run
    for state, count in done.counts.items():
        metrics.record(metrics.CONTROLS, count, state=state.value)
    metrics.record(metrics.CONTROLS_TOOK, done.took_ms)
    return {state.value: count for state, count in sorted(done.counts.items())}


def _climbed(run: Round) -> int:
    risen = run.environment.database.run(partial(_risen, run=run))
    with run.environment.database.read() as session:
        standing = FindingRepository(session).standing().values()
        unseen = unjudged(session, run.now)
    overdue = sum(each.state is FindingState.OPEN and each.due_at < run.now for each in standing)
    metrics.record(metrics.FINDINGS_OVERDUE, overdue)
    for why, controls in unseen.items():
        metrics.record(metrics.CONTROLS_UNJUDGED, len(controls), why=why)
    return risen


def _risen(session: Session, run: Round) -> int:
    """Half of the time is over: the first operator hears of it; all of it: everybody."""
    risen = findings.climb(session, run.now, AT_ONCE)
    first = [each for each in risen if each.level == 1]
    later = [each for each in risen if each.level > 1]
    if first:
        run.tell(session, run.operators()[:1], _told_of(first, "compliance.reminded"))
    if later:
        run.tell(session, run.operators(), _told_of(later, "compliance.overdue"))
    return len(risen)


def _reported(run: Round, wanted: str) -> int:
    environment = run.environment
    press = Press(
        environment.database, run.guard.stored, run.guard.places.stage, environment.ids, partial(_send, run=run)
    )
    with environment.database.read() as session:
        periods = due(session, run.now)
    made = [
        run.apart(series.value, partial(make, press, series, run.now, period))
        for series, period in periods
        if run.guard.has_time()
    ]
    if wanted in set(Series):
        made.append(make(press, Series(wanted), run.now))
    return len([report for report in made if report])


def _send(session: Session, report: Report, run: Round) -> None:
    names = set(ReportRepository(session).recipients(report.series))
    people = [number for number, name in run.environment.settings.operators.items() if name in names]
    told = WORDS("report.made", name=data(f"{report.series} {report.period} v{report.version}"))
    run.tell(session, people, told, report)


def _told_of(found: Sequence[Finding], key: str) -> Markdown:
    title, hint = WORDS(key, count=len(found)), WORDS("compliance.hint")
    room = components.TEXT_MAX - len(title) - len(hint) - 2
    lines = within([finding_line(each, WORDS) for each in found], room, WORDS)
    return Markdown("\n".join([title, *lines, hint]))

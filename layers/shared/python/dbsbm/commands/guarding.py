"""One run of the job that keeps the controls: judge, take workflows on, let findings climb, report, tell people."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from dbsbm.commands import wording
from dbsbm.commands.compliance import data, finding_line
from dbsbm.commands.report import file_of
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.compliance.cases import findings, workflows
from dbsbm.compliance.cases.repository import FindingRepository, WorkflowRepository
from dbsbm.compliance.cases.unjudged import unjudged
from dbsbm.compliance.evidence.collecting import Collector, Places
from dbsbm.compliance.report.making import Press, due, make
from dbsbm.compliance.report.series import Series
from dbsbm.compliance.running import differing, judge_again, run_controls
from dbsbm.compliance.store.model import Finding, FindingState, Kind, Report, Step, Workflow, WorkflowState
from dbsbm.compliance.store.repository import ReportRepository, RunRepository
from dbsbm.core import metrics
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.errors import DbsbmError, NotFoundError
from dbsbm.database.session import Session
from dbsbm.discord import components
from dbsbm.discord.definitions import Json, Post
from dbsbm.environment import Environment

EVERY = timedelta(hours=23)
"""Between two runs: with a schedule of an hour, once a day."""
REMEDY = "job_remedy"
_AT_ONCE = 50
_REMEDY_S = 60.0
_NUDGE_S = 0.5
_WORDS = Words()


@dataclass(frozen=True, slots=True)
class Guard:
    """What a run works with; ``places`` are what controls look at."""

    environment: Environment
    places: Places
    has_time: Callable[[], bool]

    @property
    def stored(self) -> Bucket:
        return Bucket(self._aws, self.environment.settings.evidence_bucket)

    @property
    def _aws(self) -> Aws:
        return Aws(self.environment.transport, self.environment.account())

    def collector(self, after: int) -> Collector:
        return Collector(self.environment.database, self._aws, self.stored, self.places, after)


def look_after(guard: Guard, event: Mapping[str, Any]) -> Json:
    """One run. ``{"run": true}`` judges now, ``{"report": "monthly"}`` makes a version for the period under way,
    ``{"again": "<run>"}`` judges a run by its stored evidence.

    Each part stands for itself: what was committed stays when a later part fails.
    """
    if event.get("again"):
        return _judged_again(guard, int(event["again"]))
    now = guard.environment.clock.now()
    keys: list[str] = []
    ran = _judged(guard, now, keys, at_once=event.get("run") is True)
    moved = _moved_on(guard, now, keys)
    risen = _climbed(guard, now, keys)
    reports = _reported(guard, now, keys, str(event.get("report") or ""))
    _nudge(guard, keys)
    return {"v": 1, "ran": ran, "workflows": moved, "climbed": risen, "reports": reports}


def _judged_again(guard: Guard, run_id: int) -> Json:
    with guard.environment.database.read() as session:
        run = RunRepository(session).find(run_id)
    if run is None:
        raise NotFoundError(f"no run {run_id}")
    judged = judge_again(guard.stored, run)
    return {"v": 1, "judged": len(judged), "differ": sorted(differing(judged))}


def _judged(guard: Guard, now: datetime, keys: list[str], *, at_once: bool) -> Json | None:
    environment = guard.environment
    with environment.database.read() as session:
        last = RunRepository(session).newest()
    if last is not None and now - last.at < EVERY and not at_once:
        return None
    collector = guard.collector(last.cursor_guild if last else 0)
    done = run_controls(collector, environment.clock, environment.ids, timer=time.perf_counter)
    for state, count in done.run.counts.items():
        metrics.record(metrics.CONTROLS, count, state=state.value)
    metrics.record(metrics.CONTROLS_TOOK, done.run.took_ms)
    fresh = [each for each in done.changed if each.state is FindingState.OPEN and each.opened_at == done.run.at]
    keys += _tell(guard, _everybody(guard), _told_of(fresh, "compliance.found")) if fresh else []
    return {state.value: count for state, count in sorted(done.run.counts.items())}


def _moved_on(guard: Guard, now: datetime, keys: list[str]) -> int:
    """The machine's own steps, then what waited for a person longer than it may."""
    database = guard.environment.database
    with database.read() as session:
        flows = WorkflowRepository(session)
        waiting = [*flows.waiting(Step.DRY_RUN, _AT_ONCE), *flows.waiting(Step.APPLY, _AT_ONCE)]
    done = 0
    for flow in waiting:
        if not guard.has_time():
            break
        after = database.run(partial(_put, flow=_worked(guard, flow)))
        done += 1
        if after.step is Step.APPROVE:
            keys += _tell(guard, _others(guard, flow.asked_by), _asked(after))
    return done + database.run(partial(_timed_out, now=now))


def _timed_out(session: Session, now: datetime) -> int:
    """What waits for a machine ends with a last look, where its step is."""
    flows = WorkflowRepository(session)
    persons = [each for each in flows.late(now, _AT_ONCE) if each.step in (Step.APPROVE, Step.STAND)]
    late = [flows.lock(each.workflow_id) or each for each in persons]
    changed = [after for each in late if (after := workflows.timed_out(each, now)) is not each]
    for after in changed:
        flows.put(after)
        finding = FindingRepository(session).of(after.control)
        if after.state is WorkflowState.EXPIRED and finding is not None:
            opened = findings.again(finding, now)
            FindingRepository(session).put(opened or finding)
    return len(changed)


def _put(session: Session, flow: Workflow) -> Workflow:
    """Note a machine's step, unless somebody ended the workflow meanwhile."""
    flows = WorkflowRepository(session)
    now = flows.lock(flow.workflow_id)
    if now is None or now.state is not WorkflowState.OPEN:
        return now or flow
    return flows.put(flow)


def _worked(guard: Guard, flow: Workflow) -> Workflow:
    """After a dry run, or the fix itself; after a last look where its time is over."""
    now = guard.environment.clock.now()
    if flow.due_at <= now:
        return workflows.timed_out(_looked(guard, flow), now)
    try:
        seen = _remedied(guard, flow, apply=flow.step is Step.APPLY)
    except DbsbmError as error:
        why, looked = f"{error.code}: {error.detail}", _looked(guard, flow)
        return workflows.held_up(looked, why) if error.retryable else workflows.failed(looked, why, now)
    return workflows.worked(flow, seen, now)


def _looked(guard: Guard, flow: Workflow) -> Workflow:
    """With what a fix that did not work left behind, as far as that can be seen."""
    if flow.step is not Step.APPLY:
        return flow
    try:
        seen = _remedied(guard, flow, apply=False)
    except DbsbmError:
        return flow
    return workflows.looked(flow, seen["before"])


def _remedied(guard: Guard, flow: Workflow, *, apply: bool) -> Json:
    """Ask the function that alone may set things; after the dry run for what that found, and nothing else."""
    event: Json = {"v": 1, "fix": flow.details["fix"], "apply": apply}
    tried = flow.details.get(Step.DRY_RUN.value)
    if flow.kind is Kind.PUT_BACK:
        states = flow.details["states"]
        event["states"] = {name: states[name] for name in (tried["would_change"] if tried else states)}
    elif tried:
        event["only"] = tried["would_change"]
    return guard.environment.invoke(REMEDY, event, asynchronous=False, timeout_s=_REMEDY_S) or {}


def _climbed(guard: Guard, now: datetime, keys: list[str]) -> int:
    risen = guard.environment.database.run(lambda session: findings.climb(session, now, _AT_ONCE))
    with guard.environment.database.read() as session:
        standing = FindingRepository(session).standing().values()
        unseen = unjudged(session, now)
    overdue = sum(each.state is FindingState.OPEN and each.due_at < now for each in standing)
    metrics.record(metrics.FINDINGS_OVERDUE, overdue)
    for why, controls in unseen.items():
        metrics.record(metrics.CONTROLS_UNJUDGED, len(controls), why=why)
    first = [each for each in risen if each.level == 1]
    later = [each for each in risen if each.level > 1]
    if first:
        keys += _tell(guard, _everybody(guard)[:1], _told_of(first, "compliance.reminded"))
    if later:
        keys += _tell(guard, _everybody(guard), _told_of(later, "compliance.overdue"))
    return len(risen)


def _reported(guard: Guard, now: datetime, keys: list[str], wanted: str) -> int:
    environment = guard.environment
    press = Press(environment.database, guard.stored, guard.places.stage, environment.ids)
    with environment.database.read() as session:
        periods = due(session, now)
    made = [make(press, series, now, period) for series, period in periods if guard.has_time()]
    if wanted in set(Series):
        made.append(make(press, Series(wanted), now))
    for report in filter(None, made):
        keys += _send(guard, report)
    return len([report for report in made if report])


def _send(guard: Guard, report: Report) -> list[str]:
    with guard.environment.database.read() as session:
        names = set(ReportRepository(session).recipients(report.series))
    people = [number for number, name in guard.environment.settings.operators.items() if name in names]
    told = _WORDS("report.made", name=data(f"{report.series} {report.period} v{report.version}"))
    return _tell(guard, people, told, report)


def _told_of(found: Sequence[Finding], key: str) -> Markdown:
    lines = [finding_line(each, _WORDS) for each in found[:_AT_ONCE]]
    return Markdown("\n".join([_WORDS(key, count=len(found)), *lines, _WORDS("compliance.look")]))


def _asked(flow: Workflow) -> Markdown:
    until = wording.moment(flow.due_at)
    return _WORDS("compliance.to_agree", control=data(flow.control), by=data(flow.asked_by), until=until)


def _everybody(guard: Guard) -> list[int]:
    return list(guard.environment.settings.operators)


def _others(guard: Guard, name: str) -> list[int]:
    return [number for number, each in guard.environment.settings.operators.items() if each != name]


def _tell(guard: Guard, people: Sequence[int], told: str, report: Report | None = None) -> list[str]:
    """Direct messages; the keys to wake delivery with."""
    environment = guard.environment
    outbox = environment.database.outbox
    if not people or outbox is None:
        return []
    files = () if report is None else (file_of(report, "pdf", _WORDS),)
    shown: list[Json] = [components.text(told)]
    shown += [{"type": 13, "file": {"url": f"attachment://{each.file}"}} for each in files]
    message, cause = components.message(*shown), environment.ids.new()
    posts = [
        Post("direct.post", f"operator:{cause}:{place}", {"user_id": str(person)}, message, files)
        for place, person in enumerate(people)
    ]
    now = environment.clock.now()
    return list(environment.database.run(lambda session: outbox.enqueue(session, f"guard:{cause}", 0, posts, now)))


def _nudge(guard: Guard, keys: Sequence[str]) -> None:
    """Wake delivery; what is lost here is found by its sweep."""
    if not keys:
        return
    try:
        event = {"v": 1, "target_keys": list(keys[:_AT_ONCE])}
        guard.environment.invoke("delivery", event, asynchronous=True, timeout_s=_NUDGE_S)
    except DbsbmError:
        return

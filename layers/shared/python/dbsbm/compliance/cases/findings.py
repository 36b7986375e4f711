"""Findings: what is not satisfied, until when it is to be mended, and the ladder it climbs while it is not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from dbsbm.compliance.cases.repository import FindingRepository, WorkflowRepository
from dbsbm.compliance.controls import CONTROLS
from dbsbm.compliance.model import Priority, State
from dbsbm.compliance.store.model import Finding, FindingState, Result
from dbsbm.core.ids import Ids
from dbsbm.database.session import Session

MEND_WITHIN: Mapping[Priority, timedelta] = {
    Priority.CRITICAL: timedelta(hours=24),
    Priority.HIGH: timedelta(days=7),
    Priority.MEDIUM: timedelta(days=30),
    Priority.LOW: timedelta(days=90),
}
LEVELS: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0)
"""When a finding climbs, in parts of its time: a reminder, overdue, twice overdue, four times."""


def opened(finding_id: int, control: str, at: datetime) -> Finding:
    priority = CONTROLS[control].priority
    finding = Finding(finding_id, control, priority, FindingState.OPEN, at, at + MEND_WITHIN[priority])
    return replace(finding, next_at=climbs_at(finding, 0))


def climbs_at(finding: Finding, level: int) -> datetime | None:
    """When it reaches the level after ``level``; None at the top."""
    if level >= len(LEVELS):
        return None
    return finding.opened_at + (finding.due_at - finding.opened_at) * LEVELS[level]


def climbed(finding: Finding, now: datetime) -> Finding:
    """On the level that its age asks for: after an outage it climbs at once as far as it would have."""
    level = finding.level
    while (at := climbs_at(finding, level)) is not None and at <= now:
        level += 1
    return replace(finding, level=level, next_at=climbs_at(finding, level))


def by_urgency(findings: Iterable[Finding]) -> Sequence[Finding]:
    """What stands before what is closed, by priority, then by its day."""
    ranks = list(Priority)
    return sorted(findings, key=lambda each: (bool(each.closed_at), ranks.index(each.priority), each.due_at))


def take_in(session: Session, results: Sequence[Result], at: datetime, ids: Ids) -> Sequence[Finding]:
    """Open what is not satisfied, close what is mended, put aside what is excepted; what changed comes back.

    What was not tested or waits for a person changes nothing: neither is a sign that anything is mended.
    """
    findings = FindingRepository(session)
    standing, excepted = findings.standing(), WorkflowRepository(session).excepted(at)
    changed = []
    for result in results:
        found = _after(standing.get(result.control), result, at, ids, excepted=result.control in excepted)
        if found is not None:
            findings.put(found)
            changed.append(found)
    return changed


def _after(finding: Finding | None, result: Result, at: datetime, ids: Ids, *, excepted: bool) -> Finding | None:
    """The finding as it is after a result, None where nothing changes."""
    if result.state in (State.SATISFIED, State.NOT_APPLICABLE):
        if finding is None:
            return None
        return replace(finding, state=FindingState.CLOSED, closed_at=at, next_at=None)
    if result.state is not State.NOT_SATISFIED:
        return None
    if finding is None:
        fresh = opened(ids.new(), result.control, at)
        return replace(fresh, state=FindingState.EXCEPTED, next_at=None) if excepted else fresh
    return aside(finding) if excepted else again(finding, at)


def aside(finding: Finding) -> Finding | None:
    """Excepted: its clock stands, None where it stands already."""
    if finding.state is FindingState.EXCEPTED:
        return None
    return replace(finding, state=FindingState.EXCEPTED, next_at=None)


def again(finding: Finding, at: datetime) -> Finding | None:
    """Open again once its exception is over; the time it was excepted is not given a second time."""
    if finding.state is FindingState.OPEN:
        return None
    return replace(finding, state=FindingState.OPEN, next_at=at)


def climb(session: Session, now: datetime, limit: int) -> Sequence[Finding]:
    """Let every finding climb whose time has come; those that did come back, each once for each level."""
    findings = FindingRepository(session)
    risen = []
    for finding in findings.due(now, limit):
        after = climbed(finding, now)
        findings.put(after)
        if after.level > finding.level:
            risen.append(after)
    return risen

"""Exceptions and fixes: which steps they take, how long each may last, and that two people have to agree.

A machine's step that is not done in time has failed; a person's that is not done in time is a no.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from dbsbm.compliance.store.model import Kind, Step, Workflow, WorkflowState
from dbsbm.core.errors import DbsbmError

EXCEPTION_DAYS = 90
"""An exception lasts no longer, whoever asks."""
TIMES: Mapping[Step, timedelta] = {
    Step.DRY_RUN: timedelta(hours=6),
    Step.APPROVE: timedelta(hours=72),
    Step.APPLY: timedelta(hours=6),
}
STEPS: Mapping[Kind, tuple[Step, ...]] = {
    Kind.EXCEPTION: (Step.APPROVE, Step.STAND, Step.END),
    Kind.FIX: (Step.DRY_RUN, Step.APPROVE, Step.APPLY, Step.END),
    Kind.PUT_BACK: (Step.DRY_RUN, Step.APPROVE, Step.APPLY, Step.END),
}
_OVERDUE = {Step.APPROVE: WorkflowState.REJECTED, Step.STAND: WorkflowState.EXPIRED}


class WorkflowError(DbsbmError):
    """The step cannot be taken; ``detail`` is one of the codes below."""

    code = "workflow"


MOVED_ON = "moved_on"
OWN = "own"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: ``days`` is how long an exception is to last."""

    kind: Kind
    control: str
    operator: str
    reason: str
    days: int = 0
    details: Mapping[str, Any] | None = None


def begun(workflow_id: int, asked: Asked, now: datetime) -> Workflow:
    """A new workflow at its first step."""
    first = STEPS[asked.kind][0]
    ends_at = now + timedelta(days=min(asked.days, EXCEPTION_DAYS)) if asked.kind is Kind.EXCEPTION else None
    return Workflow(
        workflow_id=workflow_id,
        kind=asked.kind,
        control=asked.control,
        state=WorkflowState.OPEN,
        step=first,
        due_at=now + TIMES[first],
        asked_by=asked.operator,
        asked_at=now,
        reason=asked.reason,
        ends_at=ends_at,
        details=dict(asked.details or {}),
    )


def waits(workflow: Workflow) -> bool:
    """Whether another operator has to say something."""
    return workflow.state is WorkflowState.OPEN and workflow.step is Step.APPROVE


def decided(workflow: Workflow, operator: str, now: datetime, *, agreed: bool) -> Workflow:
    """After a person's word.

    Raises
    ------
    WorkflowError
        When it does not wait for one, or whoever asked would agree to it.
    """
    if not waits(workflow) or workflow.due_at <= now:
        raise WorkflowError(MOVED_ON)
    if operator == workflow.asked_by and agreed:
        raise WorkflowError(OWN)
    told = replace(workflow, decided_by=operator, decided_at=now)
    return _next(told, now) if agreed else replace(told, state=WorkflowState.REJECTED, step=Step.END, due_at=now)


def worked(workflow: Workflow, seen: Mapping[str, Any], now: datetime) -> Workflow:
    """After a machine's step, with what it saw. A dry run that finds nothing to change is the end."""
    if workflow.step is Step.APPLY:
        return _next(_on(looked(workflow, seen["after"])), now)
    tried = _on(replace(workflow, details={**workflow.details, workflow.step.value: dict(seen)}))
    if seen["would_change"]:
        return _next(tried, now)
    return replace(tried, state=WorkflowState.DONE, step=Step.END, due_at=now)


def looked(workflow: Workflow, after: Mapping[str, Any]) -> Workflow:
    """With how the agreed things are now, beside how the dry run saw them: however often it was begun."""
    tried = workflow.details[Step.DRY_RUN.value]
    before = {name: tried["before"][name] for name in tried["would_change"]}
    changed = [name for name in before if before[name] != after[name]]
    seen = {"before": before, "after": dict(after), "changed": changed}
    return replace(workflow, details={**workflow.details, Step.APPLY.value: seen})


def held_up(workflow: Workflow, why: str) -> Workflow:
    """A machine's step that did not work: it is taken again until its time is over."""
    return replace(workflow, details={**workflow.details, "why": why[:200]})


def undone(workflow: Workflow) -> dict[str, Any]:
    """What everything that a fix may have changed was set to before; nothing where it was never applied."""
    ended = workflow.state in (WorkflowState.DONE, WorkflowState.FAILED)
    if workflow.kind is not Kind.FIX or not ended or not workflow.decided_by:
        return {}
    tried = workflow.details[Step.DRY_RUN.value]
    return {name: tried["before"][name] for name in tried["would_change"]}


def failed(workflow: Workflow, why: str, now: datetime) -> Workflow:
    return replace(held_up(workflow, why), state=WorkflowState.FAILED, step=Step.END, due_at=now)


def timed_out(workflow: Workflow, now: datetime) -> Workflow:
    """After its step's time; the workflow itself while there is time."""
    if workflow.due_at > now or workflow.state not in (WorkflowState.OPEN, WorkflowState.STANDING):
        return workflow
    state = _OVERDUE.get(workflow.step, WorkflowState.FAILED)
    return replace(workflow, state=state, step=Step.END, due_at=now)


def _on(workflow: Workflow) -> Workflow:
    """Why it was held up is over."""
    return replace(workflow, details={name: value for name, value in workflow.details.items() if name != "why"})


def _next(workflow: Workflow, now: datetime) -> Workflow:
    steps = STEPS[workflow.kind]
    step = steps[steps.index(workflow.step) + 1]
    if step is Step.STAND:
        ends_at = min(workflow.ends_at or now, now + timedelta(days=EXCEPTION_DAYS))
        return replace(workflow, step=step, state=WorkflowState.STANDING, due_at=ends_at, ends_at=ends_at)
    if step is Step.END:
        return replace(workflow, step=step, state=WorkflowState.DONE, due_at=now)
    return replace(workflow, step=step, due_at=now + TIMES[step])

"""The machine's part in exceptions and fixes: dry runs, the fixes themselves, and the end of what took too long."""

from __future__ import annotations

from functools import partial

from dbsbm.commands.guard_round import AT_ONCE, Guard, Round
from dbsbm.commands.telling import told_of
from dbsbm.compliance.cases import findings, workflows
from dbsbm.compliance.cases.repository import FindingRepository, WorkflowRepository
from dbsbm.compliance.store.model import Kind, Step, Workflow, WorkflowState
from dbsbm.core.errors import DbsbmError
from dbsbm.database.session import Session
from dbsbm.discord.definitions import Json

REMEDY = "job_remedy"
_REMEDY_S = 60.0


def moved_on(run: Round) -> int:
    """The machine's own steps, then what waited for a person longer than it may; how many moved."""
    with run.environment.database.read() as session:
        flows = WorkflowRepository(session)
        waiting = [*flows.waiting(Step.DRY_RUN, AT_ONCE), *flows.waiting(Step.APPLY, AT_ONCE)]
    done = 0
    for flow in waiting:
        if not run.guard.has_time():
            break
        done += run.apart(f"workflow {flow.workflow_id}", partial(_moved, run, flow)) is not None
    return done + run.environment.database.run(partial(_timed_out, run=run))


def _moved(run: Round, flow: Workflow) -> Workflow:
    return run.environment.database.run(partial(_put, run=run, flow=_worked(run.guard, flow)))


def _timed_out(session: Session, run: Round) -> int:
    """People's steps; of a machine's, which end with a last look, only what could not be looked at."""
    flows = WorkflowRepository(session)
    late = [flows.lock(each.workflow_id) or each for each in flows.late(run.now, AT_ONCE)]
    changed = [after for each in late if (after := workflows.timed_out(each, run.now)) is not each]
    for after in changed:
        run.tell(session, run.operators(), told_of(flows.put(after)))
    _open_again(session, [each.control for each in changed if each.state is WorkflowState.EXPIRED], run)
    return len(changed)


def _open_again(session: Session, controls: list[str], run: Round) -> None:
    """Findings whose exception is over, but for those that another one excepts by now."""
    found, excepted = FindingRepository(session), WorkflowRepository(session).excepted(run.now)
    for control in controls:
        finding = None if control in excepted else found.of(control)
        opened = findings.again(finding, run.now) if finding else None
        if opened is not None:
            found.put(opened)


def _put(session: Session, run: Round, flow: Workflow) -> Workflow:
    """Note a machine's step, unless somebody ended the workflow meanwhile."""
    flows = WorkflowRepository(session)
    now = flows.lock(flow.workflow_id)
    if now is None or now.state is not WorkflowState.OPEN:
        return now or flow
    if workflows.waits(flow):
        run.tell(session, run.operators(but=flow.asked_by), told_of(flow))
    elif flow.state is not WorkflowState.OPEN:
        run.tell(session, run.operators(), told_of(flow))
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

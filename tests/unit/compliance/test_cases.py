"""Ladders of findings, and workflows that need two people and keep their times."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbsbm.compliance.cases import findings, workflows
from dbsbm.compliance.cases.workflows import STEPS, Asked, WorkflowError
from dbsbm.compliance.controls import CONTROLS
from dbsbm.compliance.model import Priority
from dbsbm.compliance.store.model import Kind, Step, Workflow, WorkflowState
from tests.unit.compliance.data_cases import AT

TRIED = {"would_change": ["audit"], "before": {"audit": False, "exports": True}}


def flow(kind: Kind, days: int = 30) -> Workflow:
    return workflows.begun(1, Asked(kind, "live-buckets-private", "opal", "why", days), AT)


def approvable(kind: Kind) -> Workflow:
    begun = flow(kind)
    return begun if kind is Kind.EXCEPTION else workflows.worked(begun, TRIED, AT)


@pytest.mark.parametrize("priority", list(Priority))
def test_a_finding_climbs_at_half_its_time_when_due_and_twice_more(priority: Priority) -> None:
    control = next(each.control_id for each in CONTROLS.values() if each.priority is priority)
    finding = findings.opened(1, control, AT)
    time = findings.MEND_WITHIN[priority]
    levels = [findings.climbed(finding, AT + time * part).level for part in (0.49, 0.5, 1, 1.9, 2, 4, 9)]
    assert levels == [0, 1, 2, 2, 3, 4, 4]
    assert findings.climbed(finding, AT + time * 9).next_at is None


@given(st.lists(st.integers(0, 200), max_size=20).map(sorted))
def test_a_finding_never_falls_and_climbs_the_same_however_often_it_is_looked_at(hours: list[int]) -> None:
    finding = findings.opened(1, "audit-sealed", AT)
    for hour in hours:
        after = findings.climbed(finding, AT + timedelta(hours=hour))
        assert after.level >= finding.level
        finding = after
    if hours:
        assert (
            finding.level
            == findings.climbed(findings.opened(1, "audit-sealed", AT), AT + timedelta(hours=hours[-1])).level
        )


@pytest.mark.parametrize("kind", list(Kind))
def test_whoever_asked_cannot_agree_but_another_person_can(kind: Kind) -> None:
    waiting = approvable(kind)
    with pytest.raises(WorkflowError, match="own"):
        workflows.decided(waiting, "opal", AT, agreed=True)
    agreed = workflows.decided(waiting, "otto", AT, agreed=True)
    assert agreed.step is STEPS[kind][STEPS[kind].index(Step.APPROVE) + 1]
    assert (agreed.asked_by, agreed.decided_by) == ("opal", "otto")
    with pytest.raises(WorkflowError, match="moved_on"):
        workflows.decided(agreed, "otto", AT, agreed=True)


def test_nobody_can_agree_before_the_dry_run_or_after_the_time() -> None:
    with pytest.raises(WorkflowError, match="moved_on"):
        workflows.decided(flow(Kind.FIX), "otto", AT, agreed=True)
    with pytest.raises(WorkflowError, match="moved_on"):
        workflows.decided(flow(Kind.EXCEPTION), "otto", AT + timedelta(hours=72), agreed=True)


@pytest.mark.parametrize(
    ("begun", "state"),
    [
        (flow(Kind.FIX), WorkflowState.FAILED),
        (approvable(Kind.FIX), WorkflowState.REJECTED),
        (flow(Kind.EXCEPTION), WorkflowState.REJECTED),
        (workflows.decided(approvable(Kind.FIX), "otto", AT, agreed=True), WorkflowState.FAILED),
        (workflows.decided(flow(Kind.EXCEPTION), "otto", AT, agreed=True), WorkflowState.EXPIRED),
    ],
)
def test_every_step_ends_by_itself(begun: Workflow, state: WorkflowState) -> None:
    assert workflows.timed_out(begun, begun.due_at - timedelta(seconds=1)) is begun
    assert workflows.timed_out(begun, begun.due_at).state is state


@given(st.integers(0, 10_000))
def test_no_exception_lasts_longer_than_ninety_days(days: int) -> None:
    standing = workflows.decided(flow(Kind.EXCEPTION, days), "otto", AT, agreed=True)
    assert standing.state is WorkflowState.STANDING
    assert standing.due_at == standing.ends_at
    assert standing.due_at <= AT + timedelta(days=90)


@given(st.lists(st.sampled_from(["agree-opal", "agree-otto", "refuse-otto", "work", "late"]), max_size=12))
def test_no_order_of_events_applies_a_fix_without_a_second_person(events: list[str]) -> None:
    now: datetime = AT
    fix = flow(Kind.FIX)
    for event in events:
        verb, _, who = event.partition("-")
        try:
            if verb in ("agree", "refuse"):
                fix = workflows.decided(fix, who, now, agreed=verb == "agree")
            elif verb == "work" and fix.state is WorkflowState.OPEN and fix.step in (Step.DRY_RUN, Step.APPLY):
                fix = workflows.worked(fix, TRIED if fix.step is Step.DRY_RUN else {"after": {"audit": True}}, now)
            elif verb == "late":
                now = fix.due_at
                fix = workflows.timed_out(fix, now)
        except WorkflowError:
            continue
    if fix.step is Step.APPLY or fix.state is WorkflowState.DONE:
        assert fix.decided_by == "otto"


def test_a_dry_run_that_finds_nothing_ends_what_nobody_could_agree_to() -> None:
    for kind in (Kind.FIX, Kind.PUT_BACK):
        ended = workflows.worked(flow(kind), {**TRIED, "would_change": []}, AT)
        assert (ended.state, ended.step) == (WorkflowState.DONE, Step.END)
        assert workflows.undone(ended) == {}


def test_what_a_fix_changed_is_known_however_often_it_was_begun_and_however_it_ended() -> None:
    agreed = workflows.decided(approvable(Kind.FIX), "otto", AT, agreed=True)
    assert workflows.undone(agreed) == {}
    held_up = workflows.held_up(workflows.looked(agreed, {"audit": True}), "invoke: late")
    assert (held_up.state, held_up.step, held_up.due_at) == (WorkflowState.OPEN, Step.APPLY, agreed.due_at)
    done = workflows.worked(held_up, {"before": {"audit": True}, "changed": [], "after": {"audit": True}}, AT)
    seen = {"before": {"audit": False}, "after": {"audit": True}, "changed": ["audit"]}
    assert (done.details["apply"], "why" in done.details) == (seen, False)
    failed = workflows.timed_out(held_up, held_up.due_at)
    assert (failed.state, failed.details["apply"], failed.details["why"]) == ("failed", seen, "invoke: late")
    assert workflows.undone(done) == workflows.undone(failed) == {"audit": False}


def test_an_exception_puts_a_finding_aside_and_its_end_opens_it_again() -> None:
    finding = findings.opened(1, "audit-sealed", AT)
    put_aside = findings.aside(finding)
    assert put_aside is not None
    assert put_aside.next_at is None
    assert findings.aside(put_aside) is None
    opened = findings.again(put_aside, AT + timedelta(days=30))
    assert opened is not None
    assert findings.climbed(opened, AT + timedelta(days=30)).level == len(findings.LEVELS)
    assert findings.again(replace(opened), AT) is None

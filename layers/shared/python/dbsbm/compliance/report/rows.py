"""What stands in the tables of pages and PDFs alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dbsbm.compliance.report.content import Content, Line
from dbsbm.compliance.store.model import Step, Workflow, WorkflowState

COVERAGE_HEAD = ("Framework", "Parts touched", "Of these by what a machine judges", "Its controls")
FINDINGS_HEAD = ("Control", "Priority", "Level", "State", "Open since", "To be mended by", "Closed")
FLOWS_HEAD = ("Asked for", "Control", "State", "Asked by", "Decided by", "Reason", "Ends")
_WAITS: Mapping[Step, str] = {
    Step.DRY_RUN: "waits for its dry run",
    Step.APPROVE: "waits for another operator",
    Step.APPLY: "being applied",
}
_ENDED: Mapping[WorkflowState, str] = {
    WorkflowState.STANDING: "holds",
    WorkflowState.REJECTED: "refused, or nobody agreed in time",
    WorkflowState.EXPIRED: "over",
}


def coverage_rows(content: Content) -> Sequence[Sequence[str]]:
    return [
        (
            *(each.framework.title, each.share, f"{each.by_machine} of {len(each.touched)}"),
            ", ".join(f"{count} {state.value}" for state, count in content.counted(each.framework).items() if count),
        )
        for each in content.coverage
    ]


def finding_rows(content: Content) -> Sequence[Sequence[str]]:
    return [
        (
            *(each.control, each.priority.value, str(each.level), each.state.value, f"{each.opened_at:%Y-%m-%d}"),
            *(f"{each.due_at:%Y-%m-%d %H:%M}", f"{each.closed_at:%Y-%m-%d}" if each.closed_at else ""),
        )
        for each in content.findings
    ]


def flow_rows(content: Content) -> Sequence[Sequence[str]]:
    return [
        (
            *(flow.kind.value, flow.control, _standing(flow)),
            *(f"{flow.asked_by}, {flow.asked_at:%Y-%m-%d}", _decided(flow), flow.reason),
            f"{flow.ends_at:%Y-%m-%d}" if flow.ends_at else "",
        )
        for flow in content.workflows
    ]


def collected_of(line: Line) -> str:
    """Where evidence is from, and when it was taken."""
    if not line.result.evidence:
        return f"{line.control.source.value}; none could be collected"
    if line.collected_at is None:
        return f"{line.control.source.value}; the run's document, which says when it was collected, is not as it was"
    return f"{line.control.source.value}, collected {line.collected_at:%Y-%m-%d %H:%M:%S} UTC"


def _standing(flow: Workflow) -> str:
    if flow.state is WorkflowState.OPEN:
        return _WAITS[flow.step]
    why = flow.details.get("why")
    return f"{flow.state.value}: {why}" if why else _ENDED.get(flow.state, flow.state.value)


def _decided(flow: Workflow) -> str:
    return f"{flow.decided_by}, {flow.decided_at:%Y-%m-%d}" if flow.decided_at else ""

"""The tables of findings and workflows. Every change has its event: which control, what became of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from dbsbm.audit.events import Kind as Event
from dbsbm.audit.events import Subject
from dbsbm.audit.repository import AuditRepository
from dbsbm.compliance.model import Priority
from dbsbm.compliance.store.model import Finding, FindingState, Kind, Step, Workflow, WorkflowState
from dbsbm.database.session import Row, Session

_FINDING = """SELECT finding_id, control, priority, state, opened_at, due_at, level, next_at, closed_at
 FROM compliance_findings """
_WORKFLOW = """SELECT workflow_id, kind, control, state, step, due_at, asked_by, asked_at, reason, decided_by,
 decided_at, ends_at, details FROM compliance_workflows """


class FindingRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def standing(self) -> dict[str, Finding]:
        """What is not closed, by control. By compliance_findings_due."""
        rows = self._session.all(_FINDING + "WHERE state IN ('open', 'excepted') ORDER BY finding_id")
        return {each.control: each for each in map(_finding, rows)}

    def since(self, since: datetime) -> Sequence[Finding]:
        """What stands, and what was closed since. By compliance_findings_due, each state's part of it."""
        rows = self._session.all(
            _FINDING + "WHERE state IN ('open', 'excepted') OR (state = 'closed' AND closed_at >= %s)", (since,)
        )
        return [_finding(row) for row in rows]

    def of(self, control: str) -> Finding | None:
        """The one that stands. By compliance_findings_by_control."""
        row = self._session.one(
            _FINDING + "WHERE control = %s AND state IN ('open', 'excepted') ORDER BY finding_id DESC LIMIT 1",
            (control,),
        )
        return None if row is None else _finding(row)

    def due(self, now: datetime, limit: int) -> Sequence[Finding]:
        """Open ones that climb now. By compliance_findings_due."""
        rows = self._session.all(
            _FINDING + "WHERE state = 'open' AND next_at <= %s ORDER BY next_at LIMIT %s FOR UPDATE", (now, limit)
        )
        return [_finding(row) for row in rows]

    def put(self, finding: Finding) -> None:
        # By PRIMARY.
        self._session.execute(
            """INSERT INTO compliance_findings (finding_id, control, priority, state, opened_at, due_at, level, next_at,
               closed_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
               ON DUPLICATE KEY UPDATE state = VALUES(state), level = VALUES(level), next_at = VALUES(next_at),
               closed_at = VALUES(closed_at)""",
            (
                *(finding.finding_id, finding.control, finding.priority.value, finding.state.value),
                *(finding.opened_at, finding.due_at, finding.level, finding.next_at, finding.closed_at),
            ),
        )
        details = {"control": finding.control, "state": finding.state.value, "level": finding.level}
        subject = Subject(f"finding:{finding.finding_id}")
        AuditRepository(self._session, 0).append(Event.COMPLIANCE_FINDING, subject, details)


class WorkflowRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def lock(self, workflow_id: int) -> Workflow | None:
        # By PRIMARY.
        row = self._session.one(_WORKFLOW + "WHERE workflow_id = %s FOR UPDATE", (workflow_id,))
        return None if row is None else _workflow(row)

    def under_way(self, limit: int) -> Sequence[Workflow]:
        """What waits for a step, and exceptions that hold. By compliance_workflows_due."""
        rows = self._session.all(
            _WORKFLOW + "WHERE state IN ('open', 'standing') ORDER BY state, due_at LIMIT %s", (limit,)
        )
        return [_workflow(row) for row in rows]

    def ended(self, since: datetime, limit: int) -> Sequence[Workflow]:
        """What ended since, the newest first; where one ended stands in ``due_at``. By compliance_workflows_due."""
        rows = self._session.all(
            _WORKFLOW + "WHERE state IN ('done', 'rejected', 'failed', 'expired') AND due_at >= %s "
            "ORDER BY due_at DESC LIMIT %s",
            (since, limit),
        )
        return [_workflow(row) for row in rows]

    def of(self, control: str, limit: int) -> Sequence[Workflow]:
        """All of a control, newest first. By compliance_workflows_by_control."""
        rows = self._session.all(_WORKFLOW + "WHERE control = %s ORDER BY workflow_id DESC LIMIT %s", (control, limit))
        return [_workflow(row) for row in rows]

    def excepted(self, now: datetime) -> set[str]:
        """Controls with an exception that holds. By compliance_workflows_due."""
        rows = self._session.all(
            _WORKFLOW + "WHERE state = 'standing' AND due_at > %s AND kind = 'exception' LIMIT 500", (now,)
        )
        return {str(row["control"]) for row in rows}

    def late(self, now: datetime, limit: int) -> Sequence[Workflow]:
        """Whose step's time is over. Each by compliance_workflows_due."""
        rows = self._session.all(
            _WORKFLOW + "WHERE state = 'open' AND due_at <= %s ORDER BY due_at LIMIT %s", (now, limit)
        )
        ended = self._session.all(
            _WORKFLOW + "WHERE state = 'standing' AND due_at <= %s ORDER BY due_at LIMIT %s", (now, limit)
        )
        return [_workflow(row) for row in [*rows, *ended]]

    def waiting(self, step: Step, limit: int) -> Sequence[Workflow]:
        """Open ones at a step. By compliance_workflows_due."""
        rows = self._session.all(
            _WORKFLOW + "WHERE state = 'open' AND step = %s ORDER BY due_at LIMIT %s", (step.value, limit)
        )
        return [_workflow(row) for row in rows]

    def put(self, workflow: Workflow) -> Workflow:
        # By PRIMARY.
        self._session.execute(
            """INSERT INTO compliance_workflows (workflow_id, kind, control, state, step, due_at, asked_by, asked_at,
               reason, decided_by, decided_at, ends_at, details)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
               ON DUPLICATE KEY UPDATE state = VALUES(state), step = VALUES(step), due_at = VALUES(due_at),
               decided_by = VALUES(decided_by), decided_at = VALUES(decided_at), ends_at = VALUES(ends_at),
               details = VALUES(details)""",
            (
                *(workflow.workflow_id, workflow.kind.value, workflow.control, workflow.state.value),
                *(workflow.step.value, workflow.due_at, workflow.asked_by, workflow.asked_at, workflow.reason),
                *(workflow.decided_by, workflow.decided_at, workflow.ends_at, json.dumps(workflow.details)),
            ),
        )
        details = {
            **{"kind": workflow.kind.value, "control": workflow.control},
            **{"state": workflow.state.value, "step": workflow.step.value},
        }
        subject = Subject(f"workflow:{workflow.workflow_id}")
        AuditRepository(self._session, 0).append(Event.COMPLIANCE_WORKFLOW, subject, details)
        return workflow


def _finding(row: Row) -> Finding:
    times = (row["opened_at"], row["due_at"], row["level"], row["next_at"], row["closed_at"])
    return Finding(row["finding_id"], row["control"], Priority(row["priority"]), FindingState(row["state"]), *times)


def _workflow(row: Row) -> Workflow:
    return Workflow(
        workflow_id=row["workflow_id"],
        kind=Kind(row["kind"]),
        control=row["control"],
        state=WorkflowState(row["state"]),
        step=Step(row["step"]),
        due_at=row["due_at"],
        asked_by=row["asked_by"],
        asked_at=row["asked_at"],
        reason=row["reason"],
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
        ends_at=row["ends_at"],
        details=json.loads(row["details"]),
    )

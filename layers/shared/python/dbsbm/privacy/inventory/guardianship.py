"""Runs of controls, findings, workflows and reports: the operators' own books."""

from __future__ import annotations

from dbsbm.privacy.inventory.model import Basis, Erase, Purpose, Table

_KEPT = "for good: what was observed and decided about the product"

TABLES = (
    Table(
        "compliance_findings",
        Purpose.OPERATION,
        Basis.NONE,
        _KEPT,
        Erase.KEEP,
        plain="finding_id control priority state opened_at due_at level next_at closed_at",
    ),
    Table(
        "compliance_recipients",
        Purpose.OPERATION,
        Basis.INTEREST,
        "until the operator no longer wants them",
        Erase.OPERATOR,
        content="operator",
        plain="series",
    ),
    Table(
        "compliance_reports",
        Purpose.PROOF,
        Basis.NONE,
        _KEPT,
        Erase.KEEP,
        plain="report_id series period version made_at run_id files",
    ),
    Table(
        "compliance_results",
        Purpose.PROOF,
        Basis.NONE,
        _KEPT,
        Erase.KEEP,
        plain="run_id control state observed evidence",
    ),
    Table(
        "compliance_runs",
        Purpose.PROOF,
        Basis.NONE,
        _KEPT,
        Erase.KEEP,
        plain="run_id at satisfied not_satisfied not_applicable manual not_tested took_ms sha256 cursor_guild",
    ),
    Table(
        "compliance_statements",
        Purpose.PROOF,
        Basis.INTEREST,
        _KEPT,
        Erase.OPERATOR,
        content="operator text",
        plain="statement_id control said at inventory",
    ),
    Table(
        "compliance_workflows",
        Purpose.PROOF,
        Basis.INTEREST,
        _KEPT,
        Erase.OPERATOR,
        content="asked_by decided_by reason",
        plain="workflow_id kind control state step due_at asked_at decided_at ends_at details",
    ),
)

"""The report as CSV: one row a control and requirement, to be filtered by whoever audits."""

from __future__ import annotations

import csv
import io

from dbsbm.compliance.report.content import Content

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS = (
    *("framework", "requirement", "strength", "part", "control", "title", "expected", "priority", "evidence_source"),
    *("state", "observed", "runs", "runs_not_satisfied", "evidence_sha256", "run", "run_at"),
    *("evidence_collected_at", "period_from", "period_until"),
)


def as_csv(content: Content) -> bytes:
    """With a byte-order mark for spreadsheets; rows for what no control touches have the state ``not covered``."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    period = (content.period.since.isoformat(), content.period.until.isoformat())
    for coverage in content.coverage:
        framework = coverage.framework
        for line in content.lines:
            control, result = line.control, line.result
            for each in (m for m in control.maps if m.framework == framework.key):
                row = (
                    *(framework.key.upper(), each.requirement, each.strength, framework.unit_of(each.requirement)),
                    *(control.control_id, control.title, control.expected, control.priority, control.source),
                    *(result.state, result.observed, line.runs, line.wrong_runs, result.evidence),
                    *(content.run.run_id, content.run.at.isoformat()),
                    *(line.collected_at.isoformat() if line.collected_at else "", *period),
                )
                writer.writerow(map(_cell, row))
        for unit in coverage.untouched:
            writer.writerow([framework.key.upper(), unit, "", unit, *[""] * 5, "not covered", *[""] * 7, *period])
    return ("\ufeff" + file.getvalue()).encode()


def _cell(value: object) -> object:
    """What a spreadsheet would run as a formula is made text (OWASP, "CSV Injection")."""
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text

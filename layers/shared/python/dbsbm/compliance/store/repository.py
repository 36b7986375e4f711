"""The tables of runs, statements and reports. Not guild-scoped: they are the operator's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dbsbm.audit.events import Kind, Subject
from dbsbm.audit.repository import AuditRepository
from dbsbm.compliance.model import State
from dbsbm.compliance.store.model import Report, Result, Run, Statement
from dbsbm.database.session import Row, Session

_RUN = """SELECT run_id, at, satisfied, not_satisfied, not_applicable, manual, not_tested, took_ms, sha256, cursor_guild
 FROM compliance_runs """
_RESULT = "SELECT control, state, observed, evidence, run_id FROM compliance_results "
_REPORT = "SELECT report_id, series, period, version, made_at, run_id, files FROM compliance_reports "
_LAST = (1 << 63) - 1


class RunRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, run: Run, results: Sequence[Result]) -> None:
        """A run with all its results, and its document's hash in the audit log."""
        self._session.execute(
            """INSERT INTO compliance_runs (run_id, at, satisfied, not_satisfied, not_applicable, manual, not_tested,
               took_ms, sha256, cursor_guild) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            (
                *(run.run_id, run.at, *(run.counts.get(state, 0) for state in State)),
                *(run.took_ms, run.sha256, run.cursor_guild),
            ),
        )
        self._session.execute_many(
            "INSERT INTO compliance_results (run_id, control, state, observed, evidence) VALUES (%s, %s, %s, %s, %s)",
            [(run.run_id, each.control, each.state.value, each.observed, each.evidence) for each in results],
        )
        details = {"sha256": run.sha256, **{state.value: run.counts.get(state, 0) for state in State}}
        AuditRepository(self._session, 0).append(Kind.COMPLIANCE_RUN, Subject(f"compliance:{run.run_id}"), details)

    def newest(self, before: datetime | None = None) -> Run | None:
        """The newest run there is, or the newest before a moment."""
        if before is None:  # By PRIMARY, backwards.
            row = self._session.one(_RUN + "ORDER BY run_id DESC LIMIT 1")
        else:  # By compliance_runs_by_time, backwards.
            row = self._session.one(_RUN + "WHERE at < %s ORDER BY at DESC LIMIT 1", (before,))
        return None if row is None else _run(row)

    def oldest(self) -> Run | None:
        # By compliance_runs_by_time.
        row = self._session.one(_RUN + "ORDER BY at LIMIT 1")
        return None if row is None else _run(row)

    def find(self, run_id: int) -> Run | None:
        # By PRIMARY.
        row = self._session.one(_RUN + "WHERE run_id = %s", (run_id,))
        return None if row is None else _run(row)

    def between(self, since: datetime, until: datetime) -> Sequence[Run]:
        # By compliance_runs_by_time.
        rows = self._session.all(_RUN + "WHERE at >= %s AND at < %s ORDER BY at", (since, until))
        return [_run(row) for row in rows]

    def results(self, run_id: int) -> dict[str, Result]:
        """By control. By the run's part of PRIMARY."""
        rows = self._session.all(_RESULT + "WHERE run_id = %s ORDER BY control", (run_id,))
        return {each.control: each for each in map(_result, rows)}

    def history(self, control: str, limit: int) -> Sequence[tuple[int, State]]:
        """The newest runs of a control with what it came to. By compliance_results_by_control, backwards."""
        rows = self._session.all(_RESULT + "WHERE control = %s ORDER BY run_id DESC LIMIT %s", (control, limit))
        return [(int(row["run_id"]), State(row["state"])) for row in rows]


class StatementRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, statement: Statement) -> None:
        self._session.execute(
            "INSERT INTO compliance_statements (statement_id, control, said, text, operator, at, inventory) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (
                *(statement.statement_id, statement.control, statement.said.value, statement.text),
                *(statement.operator, statement.at, statement.inventory),
            ),
        )
        details = {"control": statement.control, "said": statement.said.value}
        subject = Subject(f"statement:{statement.statement_id}")
        AuditRepository(self._session, 0).append(Kind.COMPLIANCE_STATED, subject, details)

    def newest(self) -> dict[str, Any]:
        """What was stated last of each control, as evidence."""
        # By compliance_statements_by_control, the newest of each; the join by PRIMARY.
        rows = self._session.all(
            """SELECT s.control, s.said, s.text, s.operator, s.at, s.inventory FROM compliance_statements s
               JOIN (SELECT control, MAX(statement_id) AS newest FROM compliance_statements GROUP BY control) n
               ON n.newest = s.statement_id"""
        )
        return {
            str(row["control"]): {
                "said": row["said"],
                "text": row["text"],
                "by": row["operator"],
                "at": row["at"].isoformat(),
                "inventory": row["inventory"],
            }
            for row in rows
        }


class ReportRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, report: Report) -> None:
        """A version; its files' hashes go into the audit log."""
        self._session.execute(
            "INSERT INTO compliance_reports (report_id, series, period, version, made_at, run_id, files) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (
                *(report.report_id, report.series, report.period, report.version),
                *(report.made_at, report.run_id, json.dumps(report.files)),
            ),
        )
        hashes = {name: str(file["sha256"]) for name, file in report.files.items()}
        details = {"series": report.series, "period": report.period, "version": report.version, **hashes}
        subject = Subject(f"report:{report.report_id}")
        AuditRepository(self._session, 0).append(Kind.COMPLIANCE_REPORT, subject, details)

    def newest(self, series: str, period: str) -> Report | None:
        """The newest version of a period. By compliance_reports_once, backwards."""
        row = self._session.one(
            _REPORT + "WHERE series = %s AND period = %s ORDER BY version DESC LIMIT 1", (series, period)
        )
        return None if row is None else _report(row)

    def listed(self, limit: int, name: str = "") -> Sequence[Report]:
        """The newest first, of those with this in "monthly 2026-10 v1". By PRIMARY, backwards: some twenty a year."""
        rows = self._session.all(
            _REPORT + "WHERE report_id <= %s "
            "AND LOCATE(LOWER(%s), LOWER(CONCAT(series, ' ', period, ' v', version))) > 0 "
            "ORDER BY report_id DESC LIMIT %s",
            (_LAST, name, limit),
        )
        return [_report(row) for row in rows]

    def find(self, report_id: int) -> Report | None:
        # By PRIMARY.
        row = self._session.one(_REPORT + "WHERE report_id = %s", (report_id,))
        return None if row is None else _report(row)

    def recipients(self, series: str) -> Sequence[str]:
        # By the series' part of PRIMARY.
        rows = self._session.all(
            "SELECT operator FROM compliance_recipients WHERE series = %s ORDER BY operator", (series,)
        )
        return [str(row["operator"]) for row in rows]

    def add_recipient(self, series: str, operator: str) -> None:
        # By PRIMARY.
        self._session.execute(
            "INSERT INTO compliance_recipients (series, operator) VALUES (%s, %s) ON DUPLICATE KEY UPDATE "
            "operator = operator",
            (series, operator),
        )
        self._noted(series, "added")

    def drop_recipient(self, series: str, operator: str) -> None:
        # By PRIMARY.
        self._session.execute(
            "DELETE FROM compliance_recipients WHERE series = %s AND operator = %s", (series, operator)
        )
        self._noted(series, "removed")

    def _noted(self, series: str, action: str) -> None:
        subject = Subject(f"recipients:{series}")
        AuditRepository(self._session, 0).append(Kind.COMPLIANCE_REPORT, subject, {"recipient": action})


def _run(row: Row) -> Run:
    counts = {state: int(row[state.value.replace("-", "_")]) for state in State}
    return Run(row["run_id"], row["at"], counts, row["took_ms"], row["sha256"], row["cursor_guild"])


def _result(row: Row) -> Result:
    return Result(row["control"], State(row["state"]), row["observed"], row["evidence"])


def _report(row: Row) -> Report:
    named = (row["report_id"], row["series"], row["period"], row["version"], row["made_at"], row["run_id"])
    return Report(*named, json.loads(row["files"]))

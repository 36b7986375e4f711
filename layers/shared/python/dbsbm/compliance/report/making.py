"""Makes the reports that are due, stores their files, and notes each version once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from dbsbm.compliance.cases.repository import FindingRepository, WorkflowRepository
from dbsbm.compliance.report.content import Content, Material, content_of
from dbsbm.compliance.report.oscal import oscal
from dbsbm.compliance.report.page import as_html
from dbsbm.compliance.report.series import Period, Series, last_period, period_of
from dbsbm.compliance.report.tables import as_csv
from dbsbm.compliance.running import EvidenceError, collected
from dbsbm.compliance.store.model import Report, Run
from dbsbm.compliance.store.repository import ReportRepository, RunRepository
from dbsbm.core.bucket import Bucket
from dbsbm.core.ids import Ids
from dbsbm.database.database import Database
from dbsbm.database.session import Session

FORMATS: Mapping[str, str] = {"pdf": "pdf", "html": "html", "csv": "csv", "oscal": "json"}
"""Formats with the endings of their files."""
_RUNS = 400
_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Press:
    """What reports are made with."""

    database: Database
    stored: Bucket
    stage: str
    ids: Ids
    tell: Callable[[Session, Report], None]
    """Called in the transaction that notes a version."""


def due(session: Session, now: datetime) -> list[tuple[Series, Period]]:
    """Periods that are over, had a run, and have no report made since."""
    runs, reports = RunRepository(session), ReportRepository(session)
    found = []
    for series in Series:
        period = last_period(series, now)
        made = reports.newest(series, period.name)
        if (made is None or made.made_at < period.until) and runs.between(period.since, period.until):
            found.append((series, period))
    return found


def make(press: Press, series: Series, now: datetime, period: Period | None = None) -> Report | None:
    """The next version for a period (default: the one under way); None where it had no run."""
    period = period or period_of(series, now)
    with press.database.read() as session:
        material = _material(session, press.stored, period)
        made = ReportRepository(session).newest(series, period.name)
        version = made.version + 1 if made else 1
    if material is None:
        return None
    content = content_of(material, press.stage, series, period, version, now)
    files = {name: _stored(press.stored, content, name, body) for name, body in _bodies(content).items()}
    report = Report(press.ids.new(), series.value, period.name, version, now, material.run.run_id, files)
    press.database.run(partial(_noted, press=press, report=report))
    return report


def file_name(report: Report, name: str) -> str:
    return f"controls-{report.series}-{report.period}-v{report.version}.{FORMATS[name]}".lower()


def _noted(session: Session, press: Press, report: Report) -> None:
    ReportRepository(session).add(report)
    press.tell(session, report)


def _material(session: Session, stored: Bucket, period: Period) -> Material | None:
    runs, flows = RunRepository(session), WorkflowRepository(session)
    within = list(runs.between(period.since, period.until))
    if not within:
        return None
    newest = within[-1]
    known = {run.run_id for run in within}
    results = runs.results(newest.run_id)
    histories = {
        control: [state for run_id, state in runs.history(control, _RUNS) if run_id in known] for control in results
    }
    return Material(
        newest,
        _collected(stored, newest),
        results,
        histories,
        list(FindingRepository(session).since(period.since)),
        [*flows.under_way(_SHOWN), *flows.ended(period.since, _SHOWN)],
    )


def _collected(stored: Bucket, run: Run) -> Mapping[str, datetime]:
    """A run's document that was lost or changed stops no report: the report says what it cannot say."""
    try:
        return collected(stored, run)
    except EvidenceError:
        return {}


def _bodies(content: Content) -> dict[str, bytes]:
    from dbsbm.compliance.report.document import as_pdf  # noqa: PLC0415 — fonts and PDF cost two seconds to import

    makers: Mapping[str, Callable[[Content], bytes]] = {"pdf": as_pdf, "html": as_html, "csv": as_csv, "oscal": oscal}
    return {name: maker(content) for name, maker in makers.items()}


def _stored(stored: Bucket, content: Content, name: str, body: bytes) -> dict[str, object]:
    digest = hashlib.sha256(body).hexdigest()
    key = f"reports/{content.series}/{content.period.name}/v{content.version}-{digest[:16]}.{FORMATS[name]}"
    stored.put(key, body, new=True)
    return {"key": key, "sha256": digest, "bytes": len(body)}

"""The chain of custody of runs, their evidence and reports: bucket, rows and audit log have to say the same.

The newest run is looked at each time, everything older in turn: five days of runs and two reports, so that all of
fourteen months was read back after a quarter of a year.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dbsbm.audit.events import Subject
from dbsbm.audit.repository import AuditRepository
from dbsbm.compliance.store.model import Report, Result, Run
from dbsbm.compliance.store.repository import ReportRepository, RunRepository
from dbsbm.core.bucket import Bucket
from dbsbm.database.database import Database
from dbsbm.database.session import Session

SPAN, TURNS = timedelta(days=5), 84
_REPORTS, _KNOWN = 2, 200


@dataclass
class _Looked:
    """``seen`` are the objects that were read back, ``changed`` what is not as it was."""

    stored: Bucket
    seen: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)

    def whole(self, key: str, digest: str) -> bytes | None:
        """An object as it was; None when it is missing or another."""
        self.seen.add(key)
        body = self.stored.get(key)
        if body is None or hashlib.sha256(body).hexdigest() != digest:
            self.changed.add(key)
            return None
        return body


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What a turn looks at, with what the audit log says of it."""

    runs: tuple[tuple[Run, dict[str, Result], frozenset[str]], ...]
    reports: tuple[tuple[Report, frozenset[str]], ...]


def custody(database: Database, stored: Bucket, at: datetime) -> dict[str, Any]:
    """How much was read back, and what is not as it was. Raises BucketError."""
    with database.read() as session:
        chosen = _chosen(session, at)
    looked = _Looked(stored)
    for run, results, told in chosen.runs:
        _run(looked, run, results, told)
    for report, told in chosen.reports:
        for file in report.files.values():
            looked.whole(str(file["key"]), str(file["sha256"]))
            if file["sha256"] not in told:
                looked.changed.add(f"report {report.report_id}")
    counts = {"objects": len(looked.seen), "runs": len(chosen.runs), "reports": len(chosen.reports)}
    return {**counts, "changed": sorted(looked.changed)}


def evidence_key(digest: str) -> str:
    return f"evidence/{digest}.json"


def run_key(run_id: int) -> str:
    return f"runs/{run_id}.json"


def _chosen(session: Session, at: datetime) -> _Chosen:
    runs, reports = RunRepository(session), ReportRepository(session).listed(_KNOWN)
    until = at - SPAN * (at.toordinal() % TURNS)
    found = {run.run_id: run for run in (runs.newest(), *runs.between(until - SPAN, until)) if run}
    first = at.toordinal() * _REPORTS % len(reports) if reports else 0
    return _Chosen(
        tuple((run, runs.results(run_id), _told(session, f"compliance:{run_id}")) for run_id, run in found.items()),
        tuple((each, _told(session, f"report:{each.report_id}")) for each in reports[first : first + _REPORTS]),
    )


def _told(session: Session, name: str) -> frozenset[str]:
    """The hashes that the audit log has of something."""
    entries = AuditRepository(session, 0).of_subject(Subject(name))
    return frozenset(str(value) for entry in entries for value in json.loads(entry.details).values())


def _run(looked: _Looked, run: Run, results: dict[str, Result], told: frozenset[str]) -> None:
    if run.sha256 not in told:
        looked.changed.add(f"run {run.run_id}")
    body = looked.whole(run_key(run.run_id), run.sha256)
    if body is None:
        return
    document = json.loads(body)
    said = {each["control"]: (each["state"], each["observed"]) for each in document["results"]}
    if said != {name: (each.state.value, each.observed) for name, each in results.items()}:
        looked.changed.add(f"results of run {run.run_id}")
    for digest in _digests(document):
        if evidence_key(digest) not in looked.seen:
            looked.whole(evidence_key(digest), digest)


def _digests(document: dict[str, Any]) -> Iterator[str]:
    return (each["sha256"] for each in document["evidence"].values() if each["sha256"])

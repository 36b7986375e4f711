"""One run of all controls: collect, store, judge, note. And the same again from what was stored."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dbsbm.compliance.cases.findings import take_in
from dbsbm.compliance.controls import CONTROLS
from dbsbm.compliance.evidence.collecting import Collector
from dbsbm.compliance.evidence.custody import evidence_key, run_key
from dbsbm.compliance.model import Control, Evidence, Json, Verdict, canonical, judge
from dbsbm.compliance.store.model import Finding, FindingState, Result, Run
from dbsbm.compliance.store.repository import RunRepository
from dbsbm.core.bucket import Bucket
from dbsbm.core.clock import Clock
from dbsbm.core.errors import DbsbmError
from dbsbm.core.ids import Ids
from dbsbm.database.session import Session


class EvidenceError(DbsbmError):
    """Stored evidence is missing or not what it was; ``detail`` names the object."""

    code = "evidence"


def _nobody(_session: Session, _found: Sequence[Finding]) -> None:
    """Where there is nobody to tell."""


@dataclass(frozen=True, slots=True)
class Done:
    """``changed``: findings that this run opened, closed or put aside."""

    run: Run
    changed: Sequence[Finding]


def run_controls(
    collector: Collector,
    clock: Clock,
    ids: Ids,
    *,
    timer: Callable[[], float],
    tell: Callable[[Session, Sequence[Finding]], None] = _nobody,
) -> Done:
    """Judge every control and note what came of it, in one transaction, after all evidence is stored.

    ``timer`` counts seconds; ``tell`` is given the findings that are new, in that transaction. A run that
    is killed leaves objects that nothing names, and is done anew.

    Raises
    ------
    BucketError
        When evidence cannot be stored: a run without evidence is none.
    """
    began, run_id, at = timer(), ids.new(), clock.now()
    looked = collector.communities()
    evidence = collector.collect(sorted({each.evidence for each in CONTROLS.values()}), clock.now)
    for each in evidence.values():
        if each.content is not None:
            collector.evidence.put(evidence_key(each.digest()), each.body(), new=True)
    results = [_result(control, evidence[control.evidence]) for control in CONTROLS.values()]
    document = canonical(_document(run_id, at, evidence, results))
    collector.evidence.put(run_key(run_id), document, new=True)
    counts = Counter(each.state for each in results)
    digest = hashlib.sha256(document).hexdigest()
    took_ms = round((timer() - began) * 1000)
    run = Run(run_id, at, counts, took_ms, digest, looked[-1] if looked else 0)

    def note(session: Session) -> Sequence[Finding]:
        RunRepository(session).add(run, results)
        changed = take_in(session, results, at, ids)
        tell(session, [each for each in changed if each.state is FindingState.OPEN and each.opened_at == at])
        return changed

    return Done(run, collector.database.run(note))


def judge_again(stored: Bucket, run: Run) -> dict[str, tuple[str, Verdict]]:
    """What each control comes to by the evidence of a run, beside what it came to then.

    Raises
    ------
    EvidenceError
        When the run's document or an object of its evidence is missing or has another hash.
    """
    document = _run_document(stored, run)
    evidence = {name: _stored(stored, name, each) for name, each in document["evidence"].items()}
    then = {each["control"]: each["state"] for each in document["results"]}
    return {
        control_id: (then[control_id], judge(CONTROLS[control_id], evidence[CONTROLS[control_id].evidence]))
        for control_id in then
        if control_id in CONTROLS
    }


def collected(stored: Bucket, run: Run) -> dict[str, datetime]:
    """When each evidence of a run was collected, by its name.

    Raises
    ------
    EvidenceError
        When the run's document is missing or has another hash.
    """
    said = _run_document(stored, run)["evidence"]
    return {name: datetime.fromisoformat(each["collected_at"]) for name, each in said.items()}


def differing(judged: Mapping[str, tuple[str, Verdict]]) -> Iterator[str]:
    """Controls that come to something else now: the rule was changed, or the record was."""
    return (control for control, (then, now) in judged.items() if then != now.state.value)


def _result(control: Control, evidence: Evidence) -> Result:
    verdict = judge(control, evidence)
    digest = evidence.digest() if evidence.content is not None else ""
    return Result(control.control_id, verdict.state, verdict.observed, digest)


def _document(run_id: int, at: datetime, evidence: Mapping[str, Evidence], results: Sequence[Result]) -> Json:
    return {
        "v": 1,
        "run": str(run_id),
        "at": at.isoformat(),
        "evidence": {
            name: {
                "collected_at": each.collected_at.isoformat(),
                "sha256": each.digest() if each.content is not None else "",
                "missing": each.missing,
            }
            for name, each in evidence.items()
        },
        "results": [
            {
                "control": each.control,
                "state": each.state.value,
                "observed": each.observed,
                "evidence": CONTROLS[each.control].evidence,
            }
            for each in results
        ],
    }


def _stored(stored: Bucket, name: str, said: Mapping[str, str]) -> Evidence:
    at = datetime.fromisoformat(said["collected_at"])
    if not said["sha256"]:
        return Evidence(name, at, None, said["missing"])
    body = json.loads(_whole(stored, evidence_key(said["sha256"]), said["sha256"]))
    return Evidence(name, at, body["content"])


def _run_document(stored: Bucket, run: Run) -> Json:
    document: Json = json.loads(_whole(stored, run_key(run.run_id), run.sha256))
    return document


def _whole(stored: Bucket, key: str, digest: str) -> bytes:
    body = stored.get(key)
    if body is None:
        raise EvidenceError(f"{key} is missing")
    if hashlib.sha256(body).hexdigest() != digest:
        raise EvidenceError(f"{key} is not what it was")
    return body

"""Evidence that changed since it was taken is no evidence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import broken, nothing, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    if not content["objects"]:
        return nothing("There was no run before this one.")
    runs, reports = content.get("runs", 1), content.get("reports", 0)  # evidence of before has neither
    said = f"{content['objects']} objects of {runs} runs and {reports} reports were read back"
    return (
        broken(f"{said}; not as they were: {', '.join(content['changed'][:3])}.")
        if content["changed"]
        else satisfied(f"{said}; all are as they were.")
    )


CONTROL = Control(
    "evidence-whole",
    title="Stored evidence is what it was",
    expected=(
        "Runs, their evidence and reports read back with the hashes that rows and audit log name; the newest run each "
        "time, everything older in turn."
    ),
    priority=Priority.CRITICAL,
    source=Source.DATA,
    evidence="custody",
    maps=mapped(
        "gdpr 5(2) supporting; soc2 CC7.3 supporting; pci 12.10.1 supporting; "
        "hipaa 164.312(c)(2) supporting; iso A.5.28 partial; nist AU-10 partial; sox ITGC-CO supporting"
    ),
    evaluate=_judge,
)

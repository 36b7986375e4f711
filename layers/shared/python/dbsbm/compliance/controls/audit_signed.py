"""A checkpoint nobody signed proves nothing to anybody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from dbsbm.compliance.judging import broken, moment, nothing, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped

_WITHIN = timedelta(hours=1)
"""It is published and signed by one job every five minutes; a run may fall between the two."""


def _judge(content: Mapping[str, Any], at: datetime) -> Verdict:
    if not content["published"]:
        return nothing("Nothing was published yet.")
    said = f"Entries published: {content['published']}; under a signed checkpoint: {content['signed']}."
    if content["signed"] >= content["published"]:
        return satisfied(said)
    since = content.get("unsigned_since")  # evidence of before does not say
    if since is None:
        return broken(said)
    waited = at - moment(since)
    said += f" The oldest of the others waits for {int(waited.total_seconds() // 60)} min."
    return satisfied(said) if waited < _WITHIN else broken(said)


CONTROL = Control(
    "audit-signed",
    title="The audit log has a fresh signed checkpoint",
    expected="All that was published an hour ago is under a signed checkpoint.",
    priority=Priority.CRITICAL,
    source=Source.DATA,
    evidence="audit",
    maps=mapped(
        "gdpr 5(2) partial; soc2 CC7.2 supporting; pci 10.3.4 supporting; hipaa 164.312(c)(2) partial; "
        "iso A.5.28 supporting; nist AU-9(3) partial; nist AU-10 partial"
    ),
    evaluate=_judge,
)

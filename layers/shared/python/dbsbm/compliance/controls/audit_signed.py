"""A checkpoint nobody signed proves nothing to anybody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import broken, nothing, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    if not content["published"]:
        return nothing("Nothing was published yet.")
    said = f"Entries published: {content['published']}; under a signed checkpoint: {content['signed']}."
    return satisfied(said) if content["signed"] >= content["published"] else broken(said)


CONTROL = Control(
    "audit-signed",
    title="The audit log has a fresh signed checkpoint",
    expected="The newest signed checkpoint is of all that was published, and no older than a day after it grew.",
    priority=Priority.CRITICAL,
    source=Source.DATA,
    evidence="audit",
    maps=mapped(
        "gdpr 5(2) partial; soc2 CC7.2 supporting; pci 10.3.4 supporting; hipaa 164.312(c)(2) partial; "
        "iso A.5.28 supporting; nist AU-9(3) partial; nist AU-10 partial"
    ),
    evaluate=_judge,
)

"""Nobody approves what they asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import broken, nothing, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    if not content["approved"]:
        return nothing("Nothing was approved yet.")
    said = f"Approvals: {content['approved']}; by whoever asked: {content['by_the_same']}."
    return broken(said) if content["by_the_same"] else satisfied(said)


CONTROL = Control(
    "two-people",
    title="Exceptions and fixes were approved by a second person",
    expected="In no workflow did the same person ask and approve.",
    priority=Priority.CRITICAL,
    source=Source.DATA,
    evidence="workflows",
    maps=mapped(
        "soc2 CC5.1 partial; soc2 CC8.1 supporting; iso A.5.3 partial; nist AC-5 partial; "
        "nist CM-3 supporting; sox ITGC-PC partial; sox ITGC-APD supporting"
    ),
    evaluate=_judge,
)

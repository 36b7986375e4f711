"""A finding that nobody mends has climbed the ladder."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import broken, nothing, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    if not content["findings"]:
        return nothing("There is no finding.")
    said = f"Open findings: {content['findings']}; past twice their time: {content['overdue_twice']}."
    return broken(said) if content["overdue_twice"] else satisfied(said)


CONTROL = Control(
    "findings-looked-after",
    title="Findings are mended in time",
    expected="No finding is open past twice its time.",
    priority=Priority.HIGH,
    source=Source.DATA,
    evidence="workflows",
    maps=mapped(
        "gdpr 32(1)(d) supporting; soc2 CC4.2 partial; soc2 CC7.4 supporting; pci 6.3.3 supporting; "
        "iso A.5.36 partial; nist CA-5 partial; nist CA-7 supporting; sox ITGC-CO supporting"
    ),
    evaluate=_judge,
)

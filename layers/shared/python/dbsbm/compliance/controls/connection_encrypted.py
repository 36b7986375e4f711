"""What the template promises, seen from a function's own connection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import broken, nothing, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    if content["stage"] == "local":
        return nothing("The database is on the same machine.")
    return (
        satisfied(f"The session uses {content['cipher']}.")
        if content["cipher"]
        else broken("The session is in the clear.")
    )


CONTROL = Control(
    "connection-encrypted",
    title="The connection to the database is encrypted",
    expected="The session has a cipher.",
    priority=Priority.CRITICAL,
    source=Source.DATA,
    evidence="session",
    maps=mapped(
        "gdpr 32(1)(a) partial; soc2 CC6.7 partial; pci 4.2.1 partial; hipaa 164.312(e)(2)(ii) partial; "
        "iso A.8.24 partial; nist SC-8(1) partial"
    ),
    evaluate=_judge,
)

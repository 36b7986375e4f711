"""Who writes bets need not be able to write users."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import broken, nothing, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    if content["stage"] == "local":
        return nothing("A laptop's database is its user's own.")
    wide = [name for name in content["privileges"] if name != "USAGE"]
    return broken(f"Global privileges: {', '.join(wide[:5])}.") if wide else satisfied("No global privilege.")


CONTROL = Control(
    "database-user-limited",
    title="The application's database user rules nothing but its own schema",
    expected="It has no global privilege besides USAGE.",
    priority=Priority.HIGH,
    source=Source.DATA,
    evidence="session",
    maps=mapped(
        "gdpr 25(2) supporting; soc2 CC6.3 partial; pci 7.2.5 partial; "
        "hipaa 164.308(a)(4)(ii)(B) supporting; iso A.8.2 partial; nist AC-6 partial; "
        "sox ITGC-APD partial"
    ),
    evaluate=_judge,
)

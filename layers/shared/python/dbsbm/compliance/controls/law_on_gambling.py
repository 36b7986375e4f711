"""What the product may do where is a question for counsel, not for a test."""

from __future__ import annotations

from dbsbm.compliance.attested import by_person
from dbsbm.compliance.model import Priority, mapped

CONTROL = by_person(
    "law-on-gambling",
    title="Counsel has looked at what the law of bets asks of the service",
    expected="The classification of a service that records bets and moves no money; looked at by counsel.",
    priority=Priority.MEDIUM,
    days=365,
    maps=mapped("soc2 CC2.3 supporting; iso A.5.31 partial; nist PM-9 supporting"),
)

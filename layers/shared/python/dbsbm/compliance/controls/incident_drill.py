"""A clock of 72 hours is kept by who has practised."""

from __future__ import annotations

from dbsbm.compliance.attested import by_person
from dbsbm.compliance.model import Priority, mapped

CONTROL = by_person(
    "incident-drill",
    title="Handling an incident was practised this quarter",
    expected="A drill with its timeline, the breach clock among it; held by people.",
    priority=Priority.HIGH,
    days=90,
    maps=mapped(
        "gdpr 33(1) partial; gdpr 33(5) supporting; gdpr 34(1) supporting; ccpa 1798.150(a) supporting; "
        "soc2 CC7.3 partial; soc2 CC7.4 partial; soc2 P6.6 supporting; pci 12.10.2 partial; "
        "hipaa 164.308(a)(6)(ii) partial; iso A.5.24 partial; iso A.5.26 supporting; nist IR-3 partial; "
        "nist IR-6 supporting"
    ),
)

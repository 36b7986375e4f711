"""Who else handles the data, and under which contract."""

from __future__ import annotations

from dbsbm.compliance.attested import by_person
from dbsbm.compliance.model import Priority, mapped

CONTROL = by_person(
    "processors-reviewed",
    title="Those who process data for us were reviewed within the year",
    expected="Cloud, Discord and data providers: contracts, places, transfers; looked at by a person.",
    priority=Priority.MEDIUM,
    days=365,
    maps=mapped(
        "gdpr 28(3) partial; gdpr 44 supporting; ccpa 1798.100(d) partial; soc2 CC9.2 partial; "
        "pci 12.8.4 supporting; hipaa 164.308(b)(1) supporting; iso A.5.19 partial; iso A.5.22 partial; "
        "nist SR-6 partial; nist SA-9 supporting"
    ),
)

"""So does who may push to the main branch."""

from __future__ import annotations

from dbsbm.compliance.attested import by_person
from dbsbm.compliance.model import Priority, mapped

CONTROL = by_person(
    "changes-reviewed",
    title="Changes are reviewed and tested before they are merged",
    expected="The main branch takes reviewed changes with green checks alone; looked at by a person.",
    priority=Priority.HIGH,
    days=90,
    maps=mapped(
        "gdpr 25(1) supporting; soc2 CC8.1 partial; pci 6.2.3 partial; iso A.8.28 partial; "
        "iso A.8.29 partial; nist SA-11 partial; nist CM-3 supporting; sox ITGC-PD partial; "
        "sox ITGC-PC supporting"
    ),
)

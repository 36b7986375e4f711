"""The account's own trail is above this stage's stacks."""

from __future__ import annotations

from dbsbm.compliance.attested import by_person
from dbsbm.compliance.model import Priority, mapped

CONTROL = by_person(
    "account-trail-on",
    title="The cloud account's own calls are recorded in all regions",
    expected="A trail in all regions with validation of its files; looked at by a person.",
    priority=Priority.HIGH,
    days=90,
    maps=mapped(
        "gdpr 5(2) supporting; soc2 CC7.2 partial; pci 10.2.1 partial; hipaa 164.312(b) partial; "
        "iso A.8.15 supporting; nist AU-2 partial; nist AU-12 partial; sox ITGC-CO supporting"
    ),
)

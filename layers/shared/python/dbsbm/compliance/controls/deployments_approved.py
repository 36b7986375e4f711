"""The environment's reviewers stand in the code host's settings, where no function can look."""

from __future__ import annotations

from dbsbm.compliance.attested import by_person
from dbsbm.compliance.model import Priority, mapped

CONTROL = by_person(
    "deployments-approved",
    title="Deployments to production are approved by a second person",
    expected="The production environment asks for a reviewer who is not the author; looked at by a person.",
    priority=Priority.HIGH,
    days=90,
    maps=mapped(
        "gdpr 32(1)(d) supporting; soc2 CC8.1 partial; pci 6.5.1 partial; "
        "hipaa 164.308(a)(8) supporting; iso A.8.32 partial; nist CM-3 partial; sox ITGC-PC partial"
    ),
)

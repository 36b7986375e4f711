"""The account's people and their keys are above every function."""

from __future__ import annotations

from dbsbm.compliance.attested import by_person
from dbsbm.compliance.model import Priority, mapped

CONTROL = by_person(
    "account-access-reviewed",
    title="Who may enter the cloud account was reviewed this quarter",
    expected="People, their second factor, the root user and access keys; looked at by a person.",
    priority=Priority.CRITICAL,
    days=90,
    maps=mapped(
        "gdpr 32(1)(b) partial; soc2 CC6.2 partial; soc2 CC6.3 supporting; pci 7.2.4 partial; "
        "pci 8.4.2 supporting; hipaa 164.308(a)(4)(ii)(C) partial; hipaa 164.312(d) supporting; "
        "iso A.5.18 partial; iso A.8.5 supporting; nist AC-2 partial; nist IA-2(1) supporting; "
        "sox ITGC-APD partial"
    ),
)

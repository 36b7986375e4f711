"""The assessment is generated; that somebody stands behind it is not."""

from __future__ import annotations

from dbsbm.compliance.attested import by_person
from dbsbm.compliance.model import Priority, mapped

CONTROL = by_person(
    "impact-assessment-signed",
    title="The privacy impact assessment was signed within the year",
    expected="It describes the inventory of today, and the owner has signed it.",
    priority=Priority.HIGH,
    days=365,
    maps=mapped(
        "gdpr 35(1) partial; gdpr 35(7) partial; soc2 CC3.2 partial; "
        "hipaa 164.308(a)(1)(ii)(A) supporting; iso A.5.34 partial; nist RA-8 partial; "
        "nist RA-3 supporting"
    ),
)

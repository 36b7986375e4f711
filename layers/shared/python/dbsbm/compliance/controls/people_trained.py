"""The best control is somebody who asks."""

from __future__ import annotations

from dbsbm.compliance.attested import by_person
from dbsbm.compliance.model import Priority, mapped

CONTROL = by_person(
    "people-trained",
    title="Whoever operates the service was trained within the year",
    expected="Handling of personal data, incidents and keys; confirmed by a person.",
    priority=Priority.MEDIUM,
    days=365,
    maps=mapped(
        "gdpr 39(1)(b) supporting; soc2 CC1.4 partial; soc2 CC2.2 supporting; pci 12.6.3 partial; "
        "hipaa 164.308(a)(5)(i) partial; iso A.6.3 partial; nist AT-2 partial"
    ),
)

"""People read what is done with their data before it is done."""

from __future__ import annotations

from dbsbm.compliance.attested import by_person
from dbsbm.compliance.model import Priority, mapped

CONTROL = by_person(
    "privacy-notice",
    title="The privacy notice says what the inventory says",
    expected=(
        "The public notice names purposes, bases, times and rights as the inventory has them; looked at by a person."
    ),
    priority=Priority.MEDIUM,
    days=365,
    maps=mapped(
        "gdpr 13(1) partial; gdpr 14(1) supporting; gdpr 12(1) partial; ccpa 1798.130(a)(5) partial; "
        "ccpa 1798.100(a) partial; soc2 P1.1 partial; iso A.5.34 supporting; nist PT-5 partial"
    ),
)

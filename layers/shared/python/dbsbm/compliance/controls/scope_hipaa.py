"""No health information is asked for; a person says so for the year."""

from __future__ import annotations

from dbsbm.compliance.attested import by_person
from dbsbm.compliance.model import Priority, mapped

CONTROL = by_person(
    "scope-hipaa",
    title="Whether HIPAA applies was decided",
    expected="A person states whether the service is a covered entity or an associate of one.",
    priority=Priority.LOW,
    days=365,
    maps=mapped("hipaa 164.308(a)(1)(ii)(A) supporting"),
)

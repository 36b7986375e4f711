"""An issuer's auditors ask; whether the owner is one is known to the owner."""

from __future__ import annotations

from dbsbm.compliance.attested import by_person
from dbsbm.compliance.model import Priority, mapped

CONTROL = by_person(
    "scope-sox",
    title="Whether SOX applies was decided",
    expected="A person states whether the owner, or a customer who relies on the records, is an issuer.",
    priority=Priority.LOW,
    days=365,
    maps=mapped("sox ITGC-CO supporting"),
)

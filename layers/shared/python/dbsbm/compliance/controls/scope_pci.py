"""Whether cards are in scope is said by a person who knows how money is taken."""

from __future__ import annotations

from dbsbm.compliance.attested import by_person
from dbsbm.compliance.model import Priority, mapped

CONTROL = by_person(
    "scope-pci",
    title="Whether PCI DSS applies was decided",
    expected="A person states whether cards are taken; Discord sells the subscriptions and keeps the cards.",
    priority=Priority.MEDIUM,
    days=365,
    maps=mapped("pci 12.5.2 partial"),
)

"""Whether cards are in scope is seen in what people write, not assumed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import broken, nothing, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    if not content["texts"]:
        return nothing("Nobody has written anything.")
    said = f"Texts looked at: {content['texts']}; with what looks like a card number: {content['cards']}."
    return broken(said) if content["cards"] else satisfied(said)


CONTROL = Control(
    "no-card-numbers",
    title="No payment card number lies in names of cappers and notices of plans",
    expected=(
        "Of 20 communities a run, taken in turns, up to 200 names of cappers each and the notice of its plan are read. "
        "None holds a number of 13 to 19 digits with a card issuer's beginning and a right check digit. A note on a "
        "bet that does is refused before it is sealed; what is sealed is not read."
    ),
    priority=Priority.HIGH,
    source=Source.DATA,
    evidence="texts",
    maps=mapped(
        "gdpr 5(1)(c) supporting; soc2 C1.1 supporting; pci 3.2.1 partial; pci 12.5.2 partial; "
        "iso A.8.12 supporting; nist SI-12(1) supporting"
    ),
    evaluate=_judge,
)

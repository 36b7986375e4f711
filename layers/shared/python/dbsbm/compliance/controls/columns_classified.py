"""A column nobody thought about is where data leaks from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import broken, nothing, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    if not content["columns"]:
        return nothing("The database has no column.")
    wrong = [*content["unclassified"], *content["vanished"]]
    if wrong:
        return broken(f"Columns that differ from the inventory: {len(wrong)}: {', '.join(wrong[:5])}.")
    return satisfied(f"Columns, all in the inventory: {content['columns']}.")


CONTROL = Control(
    "columns-classified",
    title="Every column is classified",
    expected="The data inventory names exactly the columns that the database has.",
    priority=Priority.HIGH,
    source=Source.DATA,
    evidence="schema",
    maps=mapped(
        "gdpr 30(1) partial; gdpr 25(1) supporting; ccpa 1798.100(c) supporting; soc2 C1.1 partial; "
        "soc2 P1.1 supporting; pci 12.5.2 supporting; hipaa 164.308(a)(1)(ii)(A) supporting; "
        "iso A.5.12 partial; iso A.5.9 supporting; nist PM-5(1) partial; nist RA-2 partial"
    ),
    evaluate=_judge,
)

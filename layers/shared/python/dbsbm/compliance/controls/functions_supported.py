"""A runtime that is no longer mended is a hole in waiting."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from dbsbm.compliance.judging import each, of_type
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], at: datetime) -> Verdict:
    found = list(of_type(content, "AWS::Lambda::Function"))
    wrong = [name for name, had, _ in found if at.date() >= _UNTIL.get(str(had.get("Runtime", "")), date.min)]
    return each([name for name, *_ in found], wrong, "functions")


_UNTIL = {
    "python3.11": date(2027, 10, 31),
    "python3.12": date(2028, 10, 31),
    "python3.13": date(2029, 10, 31),
    "python3.14": date(2030, 10, 31),
    "nodejs22.x": date(2027, 4, 30),
    "nodejs24.x": date(2028, 4, 30),
}
"""End of security support by the language's own makers (PEP 664, 693, 719, 745; Node.js release schedule)."""


CONTROL = Control(
    "functions-supported",
    title="Functions run on a runtime that is still mended",
    expected="Every function's runtime is one of the Python versions with security support at the time.",
    priority=Priority.HIGH,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped(
        "gdpr 32(1)(d) supporting; soc2 CC7.1 supporting; pci 6.3.3 partial; "
        "hipaa 164.308(a)(1)(ii)(B) supporting; iso A.8.8 partial; nist SI-2 partial"
    ),
    evaluate=_judge,
)

"""Some frameworks ask for a year of technical logs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import each, of_type
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    found = list(of_type(content, "AWS::Logs::LogGroup"))
    return each(
        [name for name, *_ in found],
        [name for name, had, _ in found if int(had.get("RetentionInDays", 0)) < 365],
        "log groups",
    )


CONTROL = Control(
    "log-history",
    title="Technical logs reach back a year",
    expected="Every log group keeps 365 days or more.",
    priority=Priority.LOW,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped("pci 10.5.1 partial; nist AU-11 supporting"),
    evaluate=_judge,
)

"""Some frameworks ask for a year of technical logs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import each, log_groups
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    found, without = log_groups(content)
    short = [name for name, had in found if int(had.get("RetentionInDays", 0)) < 365]
    return each([*(name for name, _ in found), *without], [*short, *without], "log groups and functions without one")


CONTROL = Control(
    "log-history",
    title="Technical logs reach back a year",
    expected="Every function has a log group, and every log group keeps 365 days or more.",
    priority=Priority.LOW,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped("pci 10.5.1 partial; nist AU-11 supporting"),
    evaluate=_judge,
)

"""A bill that runs away is an attack or a fault."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import broken, each, of_type
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    found = list(of_type(content, "AWS::Budgets::Budget"))
    wrong = [
        name
        for name, had, _ in found
        if not any(had_one.get("Subscribers") for had_one in had.get("NotificationsWithSubscribers", []))
    ]
    if not found and list(of_type(content, "AWS::Lambda::Function")):
        return broken("There are functions that cost money, and no budget.")
    return each([name for name, *_ in found], wrong, "budgets")


CONTROL = Control(
    "spending-watched",
    title="Spending has a limit that tells somebody",
    expected="There is a budget with at least one subscriber.",
    priority=Priority.LOW,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped("soc2 CC3.2 supporting; iso A.8.6 supporting; nist SC-5 supporting"),
    evaluate=_judge,
)

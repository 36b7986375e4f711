"""A hold that nobody ends keeps what should be gone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import broken, nothing, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    if not content["holds"]:
        return nothing("No legal hold stands.")
    said = f"Legal holds that stand: {content['holds']}; for more than a year: {content['long_holds']}."
    return broken(said) if content["long_holds"] else satisfied(said)


CONTROL = Control(
    "holds-looked-at",
    title="Legal holds are ended when their case is",
    expected="No legal hold stands for more than a year.",
    priority=Priority.MEDIUM,
    source=Source.DATA,
    evidence="keys",
    maps=mapped("gdpr 5(1)(e) supporting; soc2 P4.2 supporting; iso A.5.33 supporting; nist SI-12 supporting"),
    evaluate=_judge,
)

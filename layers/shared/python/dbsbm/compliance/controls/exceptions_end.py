"""An exception for ever is a hole with a form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import broken, nothing, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    if not content["exceptions"]:
        return nothing("There is no exception.")
    said = (
        f"Exceptions that hold: {content['exceptions']}; past their end or longer than 90 days: {content['endless']}."
    )
    return broken(said) if content["endless"] else satisfied(said)


CONTROL = Control(
    "exceptions-end",
    title="Exceptions end",
    expected="Every exception that stands ends within 90 days of its approval.",
    priority=Priority.MEDIUM,
    source=Source.DATA,
    evidence="workflows",
    maps=mapped(
        "soc2 CC3.2 supporting; soc2 CC5.1 supporting; iso A.5.36 supporting; nist CA-5 partial; nist RA-7 supporting"
    ),
    evaluate=_judge,
)

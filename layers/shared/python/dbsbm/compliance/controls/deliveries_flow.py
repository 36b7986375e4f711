"""What people are owed in Discord is brought to them or looked at by a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from dbsbm.compliance.judging import broken, hours, moment, nothing, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], at: datetime) -> Verdict:
    if not content["rows"]:
        return nothing("Nothing was ever to be delivered.")
    waited = at - moment(content["due_since"]) if content["due_since"] else timedelta(0)
    said = (
        f"The oldest due delivery has waited {hours(waited)}; deliveries that wait for a person: {content['given_up']}."
    )
    return broken(said) if waited > timedelta(hours=1) or content["given_up"] >= 100 else satisfied(said)


CONTROL = Control(
    "deliveries-flow",
    title="Deliveries do not pile up",
    expected="Nothing due waits more than an hour, and fewer than 100 deliveries wait for a person.",
    priority=Priority.MEDIUM,
    source=Source.DATA,
    evidence="delivery",
    maps=mapped(
        "soc2 PI1.3 partial; soc2 PI1.4 supporting; soc2 A1.1 supporting; iso A.8.6 supporting; "
        "sox ITGC-CO supporting; sox ITAC supporting"
    ),
    evaluate=_judge,
)

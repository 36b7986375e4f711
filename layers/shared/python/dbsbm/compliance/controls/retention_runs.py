"""What its time is over for goes, and soon."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from dbsbm.compliance.judging import broken, hours, moment, nothing, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], at: datetime) -> Verdict:
    held = {name: oldest for name, oldest in content["oldest"].items() if oldest is not None}
    if not held:
        return nothing("There is nothing that could be too old.")
    ages = {name: at - moment(oldest) for name, oldest in held.items()}
    late = [name for name, age in ages.items() if age > timedelta(hours=int(content["hours"][name]))]
    if late:
        return broken(f"Kept too long: {', '.join(f'{name} {hours(ages[name])}' for name in sorted(late))}.")
    return satisfied(f"The oldest: {', '.join(f'{name} {hours(ages[name])}' for name in sorted(ages))}.")


CONTROL = Control(
    "retention-runs",
    title="Nothing is kept past its time",
    expected="Answered interactions are gone after 26 hours, finished deliveries after 8 days.",
    priority=Priority.HIGH,
    source=Source.DATA,
    evidence="retention",
    maps=mapped(
        "gdpr 5(1)(e) partial; ccpa 1798.100(a)(3) supporting; soc2 P4.2 partial; soc2 C1.2 supporting; "
        "pci 3.2.1 supporting; iso A.8.10 partial; nist SI-12 partial"
    ),
    evaluate=_judge,
)

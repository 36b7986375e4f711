"""Controls that a person looks at: what the newest statement comes to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from dbsbm.compliance.judging import broken, moment, nothing, satisfied
from dbsbm.compliance.model import Control, Mapped, Priority, Source, State, Verdict

STATEMENTS = "statements"
"""The evidence: the newest statement of every control that has one."""
INVENTORY = "inventory"
"""In the evidence and in a statement: the fingerprint of the inventory of data, of now and of then."""


class Said(StrEnum):
    """What a person may state of a control."""

    AS_EXPECTED = "as-expected"
    NOT_AS_EXPECTED = "not-as-expected"
    DOES_NOT_APPLY = "does-not-apply"


def by_person(
    control_id: str, *, title: str, expected: str, priority: Priority, days: int, maps: tuple[Mapped, ...]
) -> Control:
    """A control that is manual until somebody states what is so, and again ``days`` days later."""
    judging = partial(judged, control_id=control_id, days=days)
    return Control(control_id, title, expected, priority, Source.PERSON, STATEMENTS, maps, judging)


def judged(content: Mapping[str, Any], at: datetime, *, control_id: str, days: int) -> Verdict:
    """What the newest statement comes to."""
    stated = content.get(control_id)
    if stated is None:
        return Verdict(State.MANUAL, "Nobody has stated anything about it.")
    stated_at = moment(stated["at"])
    if at - stated_at > timedelta(days=days):
        return Verdict(State.MANUAL, f"The last statement is older than {days} days.")
    seen = f"Stated by {stated['by']} on {stated_at.date()}: {stated['text']}"
    said = Said(stated["said"])
    if said is Said.DOES_NOT_APPLY:
        return nothing(seen)
    return satisfied(seen) if said is Said.AS_EXPECTED else broken(seen)

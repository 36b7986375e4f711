"""What most controls do with their evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from dbsbm.compliance.model import State, Verdict

_NAMED = 5


def satisfied(observed: str) -> Verdict:
    return Verdict(State.SATISFIED, observed)


def broken(observed: str) -> Verdict:
    return Verdict(State.NOT_SATISFIED, observed)


def nothing(observed: str) -> Verdict:
    """There is nothing to judge, and that is what the evidence shows."""
    return Verdict(State.NOT_APPLICABLE, observed)


def each(all_of: Sequence[str], wrong: Sequence[str], what: str, place: str = "the deployed template") -> Verdict:
    """Every one of a kind has to be right; the first few that are not are named."""
    if not all_of:
        return nothing(f"Nothing to judge: no {what} in {place}.")
    if not wrong:
        return satisfied(f"As expected: all {len(all_of)} looked at ({what}).")
    named = ", ".join(sorted(wrong)[:_NAMED]) + (" and more" if len(wrong) > _NAMED else "")
    return broken(f"Not as expected: {len(wrong)} of {len(all_of)} ({what}): {named}.")


def of_type(content: Mapping[str, Any], *kinds: str) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """Resources of these types in all stacks: "stack/logical id", properties, the whole resource."""
    for stack in sorted(content):
        for name, resource in sorted(content[stack].items()):
            if resource["Type"] in kinds:
                yield f"{stack}/{name}", resource.get("Properties", {}), resource


def listed(value: Any) -> list[Any]:
    """Policies write a list of one without brackets."""
    return list(value) if isinstance(value, list) else [value]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def hours(span: timedelta) -> str:
    """ "3 h", "2 d": to be read, rounded down."""
    total = int(span.total_seconds() // 3600)
    return f"{total} h" if total < 48 else f"{total // 24} d"

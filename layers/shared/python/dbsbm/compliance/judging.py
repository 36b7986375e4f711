"""What most controls do with their evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from dbsbm.compliance.model import State, Verdict

_NAMED = 5
BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
"""What S3 has to keep a bucket from being made public, by S3's names."""


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


def ours(content: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The functions of the catalog, those of deploying itself left out: "stack/logical id", properties."""
    for name, had, _ in of_type(content, "AWS::Lambda::Function"):
        if "DBSBM_FUNCTION" in had.get("Environment", {}).get("Variables", {}):
            yield name, had


def beside(name: str, reference: Any) -> str:
    """What a resource refers to in its own stack, "stack/logical id"; "" where it refers to nothing there."""
    if not isinstance(reference, Mapping):
        return ""
    there = reference.get("Ref") or next(iter(reference.get("Fn::GetAtt", ())), "")
    return f"{name.partition('/')[0]}/{there}" if there else ""


def log_groups(content: Mapping[str, Any]) -> tuple[list[tuple[str, Mapping[str, Any]]], list[str]]:
    """Log groups, and the functions that have none: they would write into one that Lambda makes, kept for ever."""
    groups = [(name, had) for name, had, _ in of_type(content, "AWS::Logs::LogGroup")]
    there = {name for name, _ in groups}
    without = [name for name, had in ours(content) if _group_of(name, had) not in there]
    return groups, without


def _group_of(name: str, had: Mapping[str, Any]) -> str:
    return beside(name, had.get("LoggingConfig", {}).get("LogGroup"))


def listed(value: Any) -> list[Any]:
    """Policies write a list of one without brackets."""
    return list(value) if isinstance(value, list) else [value]


def none_yet(content: Mapping[str, Any], at: datetime, within: timedelta) -> Verdict:
    """No backup at all: nothing to judge in the first night, a fault once there has been time for one."""
    since = content.get("since")
    if since is None or at - moment(since) <= within:
        return nothing("There is no backup yet: the first is made in its night.")
    return broken(f"There is no backup at all; controls have been judged for {hours(at - moment(since))}.")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def hours(span: timedelta) -> str:
    """ "3 h", "2 d": to be read, rounded down."""
    total = int(span.total_seconds() // 3600)
    return f"{total} h" if total < 48 else f"{total // 24} d"

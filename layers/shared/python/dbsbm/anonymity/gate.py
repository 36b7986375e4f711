"""What has to hold before a data set leaves: k people look alike, not all of them say the same, and the attack loses.

k-anonymity: Sweeney, 2002; l-diversity: Machanavajjhala and others, 2007 (distinct values). Rows that do not meet both
are suppressed as a group, and so are those by which the self-attack would win (``attack.py``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from dbsbm.anonymity.attack import Attack, Class, K, Owned, Record, Shape, attack

L = 2


class GateError(ValueError):
    """The data set may not leave."""


@dataclass(frozen=True, slots=True)
class Released:
    """Rows without the person, in an order that says nothing, and how many were held back."""

    rows: tuple[Record, ...]
    suppressed: int
    k: int
    attack: Attack
    """What the self-attack could do with these rows: no more than it may."""


def released(owned: Sequence[Owned], shape: Shape, k: int = K, least: int = L) -> Released:
    """What of a data set may leave.

    Raises
    ------
    GateError
        When a column is missing, or k or l is below what is allowed.
    """
    if k < K or least < L:
        raise GateError(f"k is {K} or more, l {L} or more")
    if any(not set(shape.said) <= set(each.row) or not set(shape.quasi) <= set(each.known) for each in owned):
        raise GateError("a row without one of the columns")
    classes: dict[Class, list[Owned]] = defaultdict(list)
    for each in owned:
        classes[shape.class_of(each.row)].append(each)
    classes = {key: group for key, group in classes.items() if _meets(group, shape, k, least)}
    # What stays is another release, with another share of those who say the same: attacked again until it holds.
    while (tried := attack([each for group in classes.values() for each in group], shape, k)).lost:
        classes = {key: group for key, group in classes.items() if key not in tried.lost}
    kept = [{name: each.row[name] for name in shape.said} for group in classes.values() for each in group]
    people = [len({each.person for each in group}) for group in classes.values()]
    return Released(tuple(sorted(kept, key=_order)), len(owned) - len(kept), min(people, default=0), tried)


def _meets(group: Sequence[Owned], shape: Shape, k: int, least: int) -> bool:
    if len({each.person for each in group}) < k:
        return False
    return all(len({each.row[name] for each in group}) >= least for name in shape.sensitive)


def _order(row: Record) -> tuple[str, ...]:
    return tuple(row.values())

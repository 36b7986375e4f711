"""What has to hold before a data set leaves: k people look alike, and among them not all say the same.

k-anonymity: Sweeney, 2002; l-diversity: Machanavajjhala and others, 2007 (distinct values). Rows that do not meet both
are suppressed as a group.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

K = 5
L = 2
CHANCE = 1.2
"""An attacker who knows what anyone could know may find whose row is whose so much oftener than by guessing."""

Record = Mapping[str, str]


class GateError(ValueError):
    """The data set may not leave."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Columns by which somebody might be known, those that say something of them, and who they are.

    ``person`` is not released; it counts people instead of rows.
    """

    person: str
    quasi: tuple[str, ...]
    sensitive: tuple[str, ...]

    @property
    def said(self) -> tuple[str, ...]:
        """What of a row may be seen."""
        return (*self.quasi, *self.sensitive)


@dataclass(frozen=True, slots=True)
class Released:
    """Rows without the person, in an order that says nothing, and how many were held back."""

    rows: tuple[Record, ...]
    suppressed: int
    k: int
    attack: float
    """How much oftener than by chance the self-attack found the right person."""


def released(records: Sequence[Record], shape: Shape, k: int = K, least: int = L) -> Released:
    """What of a data set may leave.

    Raises
    ------
    GateError
        When a column is missing, k or l is below what is allowed, or the self-attack does better than it may.
    """
    if k < K or least < L:
        raise GateError(f"k is {K} or more, l {L} or more")
    wanted = (shape.person, *shape.said)
    if any(name not in record for record in records for name in wanted):
        raise GateError("a row without one of the columns")
    classes: dict[tuple[str, ...], list[Record]] = defaultdict(list)
    for record in records:
        classes[tuple(record[name] for name in shape.quasi)].append(record)
    kept = [group for group in classes.values() if _meets(group, shape, k, least)]
    attack = linkage(kept, shape)
    if attack > CHANCE:
        raise GateError(f"somebody is found {attack:.2f} times as often as by chance")
    rows = sorted(({name: record[name] for name in shape.said} for group in kept for record in group), key=_order)
    people = [len({record[shape.person] for record in group}) for group in kept]
    return Released(tuple(rows), len(records) - len(rows), min(people, default=0), attack)


def linkage(groups: Sequence[Sequence[Record]], shape: Shape) -> float:
    """The self-attack: everybody's quasi-identifiers are known, the nearest row is taken to be theirs.

    The nearest rows of somebody are those of their own class; among these an attacker can only guess, and finds each
    person with their rows' share of the class. Against that stands chance, which is one in k.
    """
    worst = 0.0
    for group in groups:
        rows_of: dict[str, int] = defaultdict(int)
        for record in group:
            rows_of[record[shape.person]] += 1
        found = max(rows_of.values()) / len(group)
        worst = max(worst, found * len(rows_of))
    return worst


def _meets(group: Sequence[Record], shape: Shape, k: int, least: int) -> bool:
    if len({record[shape.person] for record in group}) < k:
        return False
    return all(len({record[name] for record in group}) >= least for name in shape.sensitive)


def _order(row: Record) -> tuple[str, ...]:
    return tuple(row.values())

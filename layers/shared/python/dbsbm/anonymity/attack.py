"""The self-attack: who knows of everybody what can be known looks for them in the rows that are to leave.

Two things are tried: to say which row is somebody's, and, without that, what their row says. The attacker has the rows
as they leave and quasi-identifiers as exact as they are anywhere; what was right is judged by whose the rows are.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dbsbm.anonymity.operations import fits

Record = Mapping[str, str]
Class = tuple[str, ...]
"""The quasi-identifiers of rows that look alike."""

K = 5
TELLS = 0.5
"""Of what a guess by the whole release leaves open, so much at most may be told by knowing somebody's class."""
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Shape:
    """Columns by which somebody might be known, and those that say something of them."""

    quasi: tuple[str, ...]
    sensitive: tuple[str, ...]

    @property
    def said(self) -> tuple[str, ...]:
        """What of a row may be seen."""
        return (*self.quasi, *self.sensitive)

    def class_of(self, row: Record) -> Class:
        return tuple(row[name] for name in self.quasi)


@dataclass(frozen=True, slots=True)
class Owned:
    """A row with whose it is. ``person`` is never released, nor is ``known``: the exact quasi-identifiers."""

    person: str
    known: Mapping[str, float]
    row: Record


@dataclass(frozen=True, slots=True)
class Attack:
    """Success where it is worst, from 0 to 1."""

    found: float
    """How surely one person's row is picked."""
    told: Mapping[str, tuple[float, float]]
    """Of each sensitive column, how often it is said rightly of a class, and of anybody by the whole release."""
    lost: frozenset[Class]
    """Where the attacker does better than they may."""


def attack(rows: Sequence[Owned], shape: Shape, k: int = K) -> Attack:
    """Who is found more surely than one in k, or told of more than :data:`TELLS` allows, has lost."""
    base = {name: _most(each.row[name] for each in rows)[1] for name in shape.sensitive}
    found, told, lost = 0.0, {name: (0.0, share) for name, share in base.items()}, set[Class]()
    for classes, near, sought in _looked_for(rows, shape):
        of_each = Counter(each.person for each in near)
        best = max(of_each[each.person] for each in sought) / len(near)
        wins = best > 1 / k
        found = max(found, best)
        for name, share in base.items():
            guess, _ = _most(each.row[name] for each in near)
            right = sum(each.row[name] == guess for each in sought) / len(sought)
            wins = wins or right > share + TELLS * (1 - share) + _ROUNDING
            told[name] = (max(told[name][0], right), share)
        if wins:
            lost.update(classes)
    return Attack(found, told, frozenset(lost))


def _looked_for(rows: Sequence[Owned], shape: Shape) -> Iterable[tuple[Sequence[Class], list[Owned], list[Owned]]]:
    """Classes that people's exact numbers fit, the rows of these, and those people themselves."""
    alike: dict[Class, list[Owned]] = defaultdict(list)
    known: dict[tuple[float, ...], list[Owned]] = defaultdict(list)
    for each in rows:
        alike[shape.class_of(each.row)].append(each)
        known[tuple(each.known[name] for name in shape.quasi)].append(each)
    sought: dict[tuple[Class, ...], list[Owned]] = defaultdict(list)
    for numbers, people in known.items():
        sought[tuple(key for key in alike if all(map(fits, numbers, key)))].extend(people)
    for classes, people in sought.items():
        near = [each for key in classes for each in alike[key]]
        if near:
            yield classes, near, people


def _most(values: Iterable[str]) -> tuple[str, float]:
    """What is said most, and how often; of nothing, nothing."""
    counted = Counter(values)
    if not counted:
        return "", 0.0
    value, times = counted.most_common(1)[0]
    return value, times / counted.total()

"""Sums of a month with noise: they count those too whose rows are held back, and tell of nobody whether they are in it.

Each person counts up to a bound, which is what one person can change of a sum. The noise is drawn from the sum itself
with a secret, so that asking again tells nothing new, and a sum that changed since has noise of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dbsbm.anonymity.operations import Budget, perturbed

Keyed = Callable[[str], tuple[str, ...]]
"""HMACs of a text under every key in use, newest first: ``BlindIndex.keyed``."""
EPSILON = 0.5
"""What each sum may tell; the three of a month together no more than :data:`TOLD`."""
TOLD = 1.5
MOST: Mapping[str, float] = {"people": 1, "bets": 200, "units": 500}
"""How much of each sum one person may be."""
_BITS = 52


@dataclass(frozen=True, slots=True)
class Drawn:
    """A number from 0 to 1 for each place: ``random`` of a generator whose seed is a secret's."""

    keyed: Keyed
    place: str

    def random(self) -> float:
        """Of the key that has been kept longest: another key would be another draw for the same sum."""
        whole = int(self.keyed(self.place)[-1][: _BITS // 4], 16)
        return (whole + 0.5) / float(1 << _BITS)


def totals(people: Sequence[Mapping[str, float]], dataset: str, keyed: Keyed) -> dict[str, int]:
    """Sums over everybody, none below 0. ``people`` have what :data:`MOST` names."""
    budget, told = Budget(TOLD), {}
    for name, most in MOST.items():
        budget = budget.spent(EPSILON)
        exact = round(sum(min(each[name], most) for each in people), 3)
        draw = Drawn(keyed, f"noise|{dataset}|{name}|{exact}")
        told[name] = max(0, round(perturbed(exact, most, EPSILON, draw)))
    return told

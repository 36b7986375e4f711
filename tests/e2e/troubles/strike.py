"""One trouble that waits for its moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random


@dataclass
class Strike:
    """Strikes once, at the ``at``-th passage from when it was armed."""

    kind: str = "none"
    at: int = 0

    def due(self) -> bool:
        """Whether it is this passage; each call is one."""
        self.at -= 1
        return self.at == 0

    def __str__(self) -> str:
        return f"{self.kind} at {self.at}"


def drawn(random: Random, kinds: Sequence[str], furthest: int) -> Strike:
    return Strike(random.choice(kinds), random.randint(1, furthest))

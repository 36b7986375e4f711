"""What happened, as far as settling a bet needs it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How the event stands when a bet on it is settled."""

    FINAL = "final"
    SUSPENDED = "suspended"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"
    RETIRED = "retired"
    WALKOVER = "walkover"


@dataclass(frozen=True, slots=True)
class GameResult:
    """A game between two sides; scores include overtime, a shootout counting as one for its winner.

    ``regulation`` is the score at the end of normal time, given only where it differs in meaning (overtime was played).
    """

    home: int
    away: int
    status: Status = Status.FINAL
    regulation: tuple[int, int] | None = None

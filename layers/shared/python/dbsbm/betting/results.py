"""What happened, as far as settling a bet needs it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dbsbm.betting.markets import Side
from dbsbm.betting.outcome import Outcome
from dbsbm.core.errors import InputError


class Status(StrEnum):
    """How the event stands when a bet on it is settled.

    *Suspended* means stopped for good: it will not be resumed, or not inside anybody's window.
    """

    FINAL = "final"
    SUSPENDED = "suspended"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"
    RETIRED = "retired"
    WALKOVER = "walkover"


@dataclass(frozen=True, slots=True)
class Course:
    """What was unusual about a game; an ordinary one has none.

    ``minutes`` of normal time played when it stopped; ``half_innings`` completed; ``delay_h`` whole hours from the
    scheduled start to the (re)start that counts; ``restarted`` from 0–0; ``starters`` who threw the first pitches.
    """

    minutes: int | None = None
    half_innings: int | None = None
    scheduled_innings: int = 9
    mercy: bool = False
    delay_h: int | None = None
    restarted: bool = False
    starters: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class GameResult:
    """A game between two sides; scores include overtime, a shootout counting as one for its winner.

    ``regulation`` is the score after normal time, given only when overtime was played. ``periods`` are (home, away) of
    each regulation period begun; the last one may be unfinished only when the game is. ``overtime`` is all of it.
    """

    home: int
    away: int
    status: Status = Status.FINAL
    regulation: tuple[int, int] | None = None
    periods: tuple[tuple[int, int], ...] = ()
    overtime: tuple[int, int] = (0, 0)
    course: Course | None = None

    def __post_init__(self) -> None:
        if type(self.home) is not int or type(self.away) is not int or self.home < 0 or self.away < 0:
            raise InputError("score", f"{self.home}-{self.away}", "must be two whole numbers, 0 or more", "24-20")


@dataclass(frozen=True, slots=True)
class TennisResult:
    """A match: games per set as (home, away), the last set as far as it got. ``winner`` is who goes through.

    A deciding match tie-break is one set of 1–0, with ``deciding_tiebreak`` set.
    """

    sets: tuple[tuple[int, int], ...]
    winner: Side | None
    status: Status = Status.FINAL
    best_of: int = 3
    deciding_tiebreak: bool = False

    def __post_init__(self) -> None:
        if self.best_of not in {3, 5} or len(self.sets) > self.best_of or any(min(games) < 0 for games in self.sets):
            raise InputError("score", " ".join(f"{a}-{b}" for a, b in self.sets[:6]), "is no tennis score", "6-4 7-5")
        if self.winner not in {Side.HOME, Side.AWAY, None}:
            raise InputError("winner", str(self.winner), "must be home or away")


@dataclass(frozen=True, slots=True)
class PlayerResult:
    """One player's statistic in quarter units (25 → 100, 1.5 sacks → 6), and whether the player took part."""

    value_q: int
    participated: bool = True
    started: bool = True
    status: Status = Status.FINAL
    course: Course | None = None


@dataclass(frozen=True, slots=True)
class OutrightResult:
    """A future, race or tournament for one selection.

    ``win_share`` is (places available, tied for them): (1, 1) won, (1, 2) a dead heat of two, (0, 1) lost;
    ``place_share`` the same for the place part. ``deduction`` is Rule 4's, off the winnings, e.g. (1, 4).
    """

    win_share: tuple[int, int]
    place_share: tuple[int, int] = (0, 1)
    started: bool = True
    deduction: tuple[int, int] = (0, 1)
    status: Status = Status.FINAL

    def __post_init__(self) -> None:
        for name, (part, whole) in (("win_share", self.win_share), ("place_share", self.place_share)):
            if not 0 <= part <= whole or whole < 1:
                raise InputError(name, f"{part}/{whole}", "must lie between 0 and 1", "1/2")
        part, whole = self.deduction
        if not 0 <= part < whole:
            raise InputError("deduction", f"{part}/{whole}", "must be at least 0 and below 1", "1/4")


@dataclass(frozen=True, slots=True)
class SeasonResult:
    """A season count, e.g. wins, after ``played`` of ``required`` games."""

    value: int
    played: int
    required: int

    def __post_init__(self) -> None:
        if self.played < 0 or self.required < 1 or self.value < 0:
            raise InputError("season", f"{self.value} in {self.played}/{self.required}", "is no season count")


Result = GameResult | TennisResult | PlayerResult | OutrightResult | SeasonResult | Outcome
"""What decides a leg: what happened, or the outcome that a person decided."""

"""A file of bets made elsewhere, and what is read from it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from zoneinfo import ZoneInfo

from dbsbm.betting.odds import Odds
from dbsbm.betting.settlement import Grade
from dbsbm.betting.stakes import Stake

MAX_BYTES = 1 << 20
MAX_ROWS = 10_000
OPEN_FOR = timedelta(hours=1)
"""How long a preview can be confirmed."""
UNDO_FOR = timedelta(hours=24)


class ImportState(StrEnum):
    FETCHING = "fetching"
    READY = "ready"
    """Shown as a preview, waiting for a word."""
    FAILED = "failed"
    CANCELLED = "cancelled"
    CONFIRMED = "confirmed"
    """Being taken in, batch by batch."""
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Import:
    """One file. ``zone`` and ``unit`` (what one unit is in the file's money) say how it is read, whatever changes."""

    guild_id: int
    import_id: int
    capper_id: int
    requested_by: int
    state: ImportState
    filename: str
    zone: ZoneInfo
    unit: Fraction
    file_hash: str
    content: bytes | None
    next_row: int
    imported: int
    created_at: datetime
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ImportedBet:
    """A row that can stand as a bet; ``line`` is where it begins in the file."""

    line: int
    at: datetime
    league: str
    event: str
    pick: str
    odds: Odds
    stake: Stake
    grade: Grade
    return_micro: int
    profit_micro: int
    book: str = ""
    reference: str = ""

    @property
    def key(self) -> str:
        """What makes two rows the same bet."""
        parts = (
            *(self.at.isoformat(), self.league.lower(), self.event.lower(), self.pick.lower()),
            *(f"{self.odds.num}/{self.odds.den}", str(self.stake.risk_micro), self.grade.value, self.reference),
        )
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:40]


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that cannot be taken: ``code`` says why, ``typed`` is what stands in the column."""

    line: int
    column: str
    typed: str
    code: str
    expected: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds. ``repeated`` counts rows that stand in it more than once.

    ``day_first`` is how dates with slashes were read, None where there were none.
    """

    rows: int
    bets: tuple[ImportedBet, ...]
    problems: tuple[Problem, ...]
    repeated: int = 0
    day_first: bool | None = None

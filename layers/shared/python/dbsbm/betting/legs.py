"""What was bet: one leg, and the straight bet on it."""

from __future__ import annotations

from dataclasses import dataclass

from dbsbm.betting.markets import LINED, SIDES, Market, Side, format_line
from dbsbm.betting.odds import Odds
from dbsbm.betting.stakes import Stake
from dbsbm.core.errors import InputError


@dataclass(frozen=True, slots=True)
class Leg:
    """One selection. ``line_q`` is in quarter points of the side taken, 0 where the market has no line."""

    market: Market
    side: Side
    odds: Odds
    line_q: int = 0
    league: str = ""
    period: str = "game"
    game_id: int = 0

    def __post_init__(self) -> None:
        if self.side not in SIDES[self.market]:
            raise InputError("side", str(self.side), f"is no side of {self.market}")
        if self.line_q and self.market not in LINED:
            raise InputError("line", format_line(self.line_q), f"{self.market} has no line")


@dataclass(frozen=True, slots=True)
class Straight:
    """A bet on one leg."""

    leg: Leg
    stake: Stake

"""What is played: the shapes that bets, commands and feeds share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds


class GameState(StrEnum):
    SCHEDULED = "scheduled"
    LIVE = "live"
    FINAL = "final"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Game:
    """One event. Scores are None until reported; ``starts_at`` is the scheduled start (UTC)."""

    game_id: int
    league: str
    home: str
    away: str
    starts_at: datetime
    state: GameState
    home_score: int | None = None
    away_score: int | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """A book's offer. ``line_q`` is the side's line in quarter points (−3.5 → −14), 0 where the market has none."""

    game_id: int
    book: str
    market: Market
    side: Side
    line_q: int
    odds: Odds
    taken_at: datetime

"""What was bet: one leg, and the straight bet on it."""

from __future__ import annotations

from dataclasses import dataclass

from dbsbm.betting.catalogue import GAME, catalogue
from dbsbm.betting.markets import LINED, MAX_LINE_Q, SIDES, Market, Side, format_line
from dbsbm.betting.odds import Odds
from dbsbm.betting.stakes import Stake
from dbsbm.core.errors import InputError


@dataclass(frozen=True, slots=True)
class Leg:
    """One selection. ``line_q`` is in quarter points of the side taken, 0 where the market has no line.

    ``odds`` is None only inside a ticket that has a price of its own. ``period`` is "game", "reg", "sets" or a span of
    the league. ``score_at_bet`` (home, away) is set for live soccer handicaps, which count from 0–0 at that moment.
    ``listed`` are the pitchers named with the bet. Raises InputError naming the field that does not fit.
    """

    market: Market
    side: Side
    odds: Odds | None
    line_q: int = 0
    league: str = ""
    period: str = GAME
    game_id: int = 0
    player: str = ""
    stat: str = ""
    score_at_bet: tuple[int, int] | None = None
    listed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.side not in SIDES[self.market]:
            raise InputError("side", str(self.side), f"is no side of {self.market}")
        if self.line_q and self.market not in LINED:
            raise InputError("line", format_line(self.line_q), f"{self.market} has no line")
        if abs(self.line_q) > MAX_LINE_Q:
            raise InputError("line", str(self.line_q), "is too large")
        if self.market is Market.PLAYER_PROP:
            catalogue().stat(self.stat)


@dataclass(frozen=True, slots=True)
class Straight:
    """A bet on one leg."""

    leg: Leg
    stake: Stake

    def __post_init__(self) -> None:
        if self.leg.odds is None:
            raise InputError("odds", "", "a straight bet has a price", "-110")

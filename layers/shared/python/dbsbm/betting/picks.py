"""What a typed pick can mean: the shapes that the reader gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds
from dbsbm.betting.stakes import StakeMode


@dataclass(frozen=True, slots=True)
class GameCandidate:
    """A game that a pick may mean; names as the schedule has them. Of single players, ``home`` is the first named."""

    game_id: int
    league: str
    home: str
    away: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Interpretation:
    """One thing the text can mean, None where it says nothing; ``amount_micro`` is the number typed.

    ``period`` is "game", "reg", "sets" or a span of the league; ``player`` and ``stat`` belong to props.
    """

    market: Market | None = None
    side: Side | None = None
    line_q: int | None = None
    odds: Odds | None = None
    amount_micro: int | None = None
    stake_mode: StakeMode | None = None
    game_id: int | None = None
    game: GameCandidate | None = None
    period: str = "game"
    player: str = ""
    stat: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A field that the text leaves open (game, side, player, stake), with what to choose from, likeliest first."""

    field: str
    options: tuple[Interpretation, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says: interpretations best first, the fields ``missing`` from the best, what has to be chosen.

    Every interpretation names a game; where no game fits there is none, and ``said`` holds what was said anyway.
    ``unread`` are words that meant nothing here. A ticket of several legs has its kind in ``ticket`` ("parlay",
    "teaser", "round_robin"), its own price and stake, and one reading per leg; ``interpretations`` is empty then.
    """

    text: str
    interpretations: tuple[Interpretation, ...]
    missing: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    unread: tuple[str, ...] = ()
    ticket: str = "straight"
    legs: tuple[Reading, ...] = ()
    odds: Odds | None = None
    amount_micro: int | None = None
    stake_mode: StakeMode | None = None
    points_q: int | None = None
    same_game: bool = False
    said: Interpretation = Interpretation()

    @property
    def best(self) -> Interpretation | None:
        """The likeliest, or None when nothing fits."""
        return self.interpretations[0] if self.interpretations else None

"""What is known of a game when it starts and when it is over, as far as closing lines and grades need it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds
from dbsbm.games.facts.model import Periods
from dbsbm.games.model import GameState


@dataclass(frozen=True, slots=True)
class Start:
    """A game to be closed. ``closing`` numbers the closing to come, ``play_at`` is when play was first reported."""

    game_id: int
    starts_at: datetime
    play_at: datetime | None
    closing: int

    @property
    def real(self) -> datetime:
        """The scheduled start as the provider has it now, or the first report of play when that came before it."""
        return self.starts_at if self.play_at is None else min(self.starts_at, self.play_at)


@dataclass(frozen=True, slots=True)
class ClosingLine:
    """What a book offered last before play, known to stand at ``seen_at``; ``stale`` when that was too long before."""

    book: str
    market: Market
    side: Side
    line_q: int
    odds: Odds
    seen_at: datetime
    stale: bool


@dataclass(frozen=True, slots=True)
class LegValue:
    """Closing line value of a leg: ``value`` per unit staked, None where ``reason`` says why there is none.

    ``fair`` is the no-vig chance of the leg at its own line, from ``book``'s prices by ``method``.
    """

    value: Decimal | None
    reason: str = ""
    book: str | None = None
    method: str | None = None
    close: ClosingLine | None = None
    fair: Decimal | None = None


@dataclass(frozen=True, slots=True)
class BetValue:
    """Closing line value of a bet; ``legs`` in their order, without those whose game has not been closed."""

    value: Decimal | None
    reason: str
    legs: Sequence[LegValue] = ()


@dataclass(frozen=True, slots=True)
class SourceScore:
    """The newest score of one provider."""

    provider: str
    home: int
    away: int
    final: bool
    reported_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What the sources say of a game: its state and each provider's newest score, by provider's name.

    ``mark`` changes with whatever else they tell of it: points by period, box scores. ``periods`` are read for
    baseball alone, where they say whether the game was cut short.
    """

    game_id: int
    state: GameState
    scores: tuple[SourceScore, ...]
    mark: str = ""
    league: str = ""
    periods: tuple[Periods, ...] = ()

    @property
    def finals(self) -> Mapping[str, tuple[int, int]]:
        """(home, away) of every provider that calls it final."""
        return {score.provider: (score.home, score.away) for score in self.scores if score.final}

    @property
    def text(self) -> str:
        """The whole standing on one line: it changes whenever a grade could."""
        said = ",".join(f"{provider}:{away}-{home}" for provider, (home, away) in sorted(self.finals.items()))
        marked = f" {self.mark}" if self.mark and said else ""
        return f"{self.state.value} {said}"[: 190 - len(marked)] + marked

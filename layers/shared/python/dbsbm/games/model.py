"""What is played: the shapes that bets, commands and feeds share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

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
    """A book's offer. ``line_q`` is the side's line in quarter points (−3.5 → −14), 0 where the market has none.

    ``taken_at`` is the last moment the book was seen offering it.
    """

    game_id: int
    book: str
    market: Market
    side: Side
    line_q: int
    odds: Odds
    taken_at: datetime


@lru_cache(4096)
def odds_of(num: int, den: int) -> Odds:
    """A stored price. Books use a few hundred different ones, a board has thousands."""
    return Odds.from_fraction(Fraction(num, den))


PriceKey = tuple[int, Market, Side, int]
"""(game id, market, side, line in quarter points): what books compete on."""


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def from_ms(milliseconds: int) -> datetime:
    """The moment so many milliseconds after 1970, exactly."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def best_prices(prices: Iterable[Price]) -> dict[PriceKey, Price]:
    """The highest decimal price of each selection; of equal ones the one seen last, then by the book's name."""
    best: dict[PriceKey, Price] = {}
    for price in prices:
        key = (price.game_id, price.market, price.side, price.line_q)
        known = best.get(key)
        if known is None or _beats(price, known):
            best[key] = price
    return best


def _beats(price: Price, known: Price) -> bool:
    ours, theirs = price.odds.num * known.odds.den, known.odds.num * price.odds.den
    if ours != theirs:
        return ours > theirs
    if price.taken_at != known.taken_at:
        return price.taken_at > known.taken_at
    return price.book < known.book


@dataclass(frozen=True, slots=True)
class Offer:
    """A book's offer as a provider reports it; ``taken_at`` is the provider's own time of it."""

    book: str
    market: Market
    side: Side
    line_q: int
    odds: Odds
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class GameReport:
    """A scheduled game in a provider's document served at ``reported_at``, with the prices in it.

    ``covers`` are the markets for which ``offers`` is all that is offered: a price known to us, of such a market
    and missing here, was taken down. Empty when the document did not say everything.
    """

    provider: str
    provider_game_id: str
    league: str
    home: str
    away: str
    starts_at: datetime
    reported_at: datetime
    offers: Sequence[Offer] = ()
    covers: frozenset[Market] = frozenset()


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """A game's score at ``scored_at`` (the provider's own time), in a document served at ``reported_at``."""

    provider: str
    provider_game_id: str
    league: str
    home: str
    away: str
    starts_at: datetime
    reported_at: datetime
    scored_at: datetime
    home_score: int
    away_score: int
    final: bool


class EventState(StrEnum):
    """What a source says of its event; one word more than a game has, because a stopped game is still to be played."""

    SCHEDULED = "scheduled"
    LIVE = "live"
    SUSPENDED = "suspended"
    FINAL = "final"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class EventReport:
    """An event of a further source: which of our games it is, is found by league, teams and start.

    ``home`` and ``away`` are every name the source has for the team, the fullest first. Scores are None until play
    begins; periods hold the points of each, as many as were played. A source without clocks of its own is timed by
    its document: ``reported_at``.
    """

    provider: str
    provider_game_id: str
    league: str
    home: Sequence[str]
    away: Sequence[str]
    starts_at: datetime
    reported_at: datetime
    state: EventState
    home_score: int | None = None
    away_score: int | None = None
    home_periods: Sequence[int] = ()
    away_periods: Sequence[int] = ()

"""What was bet, by whom, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from dbsbm.bets.leagues import catalogue_id
from dbsbm.betting.legs import Leg, Straight
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds, OddsFormat
from dbsbm.betting.profile import RuleProfile
from dbsbm.betting.settlement import Grade
from dbsbm.betting.stakes import Stake, StakeMode
from dbsbm.games.model import Game


class PriceCheck(StrEnum):
    """How a price compares with what covered books offered at the time of posting."""

    VERIFIED = "verified"
    NEAR = "near"
    UNSEEN = "unseen"
    UNCHECKED = "unchecked"


class RevisionKind(StrEnum):
    """Why a revision was written."""

    POSTED = "posted"
    CORRECTION = "correction"
    VERSION = "version"


@dataclass(frozen=True, slots=True)
class Selection:
    """One side of one game at a price. ``line_q`` in quarter points of the side, 0 where the market has none."""

    game_id: int
    league: str
    home: str
    away: str
    starts_at: datetime
    market: Market
    side: Side
    line_q: int
    odds: Odds

    @classmethod
    def of(cls, game: Game, market: Market, side: Side, line_q: int, odds: Odds) -> Selection:
        return cls(game.game_id, game.league, game.home, game.away, game.starts_at, market, side, line_q, odds)

    def at(self, odds: Odds) -> Selection:
        """The same side at another price."""
        return replace(self, odds=odds)

    def straight(self, stake: Stake) -> Straight:
        """As the engine settles it."""
        leg = Leg(
            self.market, self.side, self.odds, self.line_q, league=catalogue_id(self.league), game_id=self.game_id
        )
        return Straight(leg, stake)

    def to_json(self) -> dict[str, Any]:
        """Plain values for a draft's row; ids as text, because JSON readers lose digits."""
        return {
            "game_id": str(self.game_id),
            "league": self.league,
            "home": self.home,
            "away": self.away,
            "starts_at": self.starts_at.isoformat(),
            "market": self.market.value,
            "side": self.side.value,
            "line_q": self.line_q,
            "odds": {"num": self.odds.num, "den": self.odds.den, "typed": self.odds.typed, "format": self.odds.format},
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Selection:
        odds = stored["odds"]
        return cls(
            game_id=int(stored["game_id"]),
            league=stored["league"],
            home=stored["home"],
            away=stored["away"],
            starts_at=datetime.fromisoformat(stored["starts_at"]),
            market=Market(stored["market"]),
            side=Side(stored["side"]),
            line_q=stored["line_q"],
            odds=Odds(odds["num"], odds["den"], odds["typed"], OddsFormat(odds["format"])),
        )


@dataclass(frozen=True, slots=True)
class Pick:
    """A straight bet before it is posted: the selection, and the stake as the capper means it.

    ``filled`` names what the capper did not type ("odds", "stake", "line").
    """

    selection: Selection
    amount_micro: int
    mode: StakeMode
    filled: tuple[str, ...] = ()

    @property
    def stake(self) -> Stake:
        return Stake.of(self.mode, self.amount_micro, self.selection.odds)

    def to_json(self) -> dict[str, Any]:
        return {
            "selection": self.selection.to_json(),
            "amount_micro": self.amount_micro,
            "mode": self.mode.value,
            "filled": list(self.filled),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Pick:
        return cls(
            Selection.from_json(stored["selection"]),
            stored["amount_micro"],
            StakeMode(stored["mode"]),
            tuple(stored["filled"]),
        )


@dataclass(frozen=True, slots=True)
class Draft:
    """What a capper is about to post. Several ``picks`` while the text is ambiguous, one when it is settled."""

    draft_id: int
    capper_id: int
    version: int
    state: str
    typed: str
    picks: tuple[Pick, ...]
    bet_id: int | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """The terms of a bet at one time."""

    number: int
    kind: RevisionKind
    selection: Selection
    stake: Stake
    rule_profile: RuleProfile
    rule_profile_version: int
    price_check: PriceCheck
    priced_at: datetime
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """One entry of a bet's grading history; ``grade`` is None for an undo."""

    grade_seq: int
    action: str
    grade: Grade | None
    rule: str
    source: str
    decided_by: int
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Bet:
    """A posted bet with its present terms. ``grade`` is None while it is open."""

    guild_id: int
    bet_id: int
    capper_id: int
    channel_id: int
    posted_at: datetime
    starts_at: datetime
    sports_day: date
    grade_seq: int
    grade: Grade | None
    terms: Revision


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One line of the ledger, in micro-units; a reversal carries the amounts it takes back with the other sign."""

    grade_seq: int
    kind: str
    grade: Grade
    sports_day: date
    bets: int
    risk_micro: int
    return_micro: int
    profit_micro: int

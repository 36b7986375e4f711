"""One side of one event at a price: what a bet, or a leg of a ticket, is on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from dbsbm.bets.leagues import catalogue_id
from dbsbm.betting.catalogue import GAME, catalogue
from dbsbm.betting.legs import Leg, Straight
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds, OddsFormat
from dbsbm.betting.stakes import Stake
from dbsbm.games.model import Game

NO_PRICE = Odds(1, 1, "", OddsFormat.DECIMAL)
"""A leg of a ticket that has a price of its own may have none."""
MANUAL_MARKETS = frozenset({Market.MANUAL, Market.FUTURE})
"""Nothing that is reported decides them: a person does."""


@dataclass(frozen=True, slots=True)
class Selection:
    """One side of one event at a price. ``line_q`` in quarter points of the side, 0 where the market has none.

    ``game_id`` is 0 where there is no game of ours; ``home`` then names the event, ``player`` what is bet on, and
    ``starts_at`` is when the bet locks. ``period`` is as in ``betting.legs.Leg``. ``score`` (home, away) is how the
    game stood for a live bet.
    """

    game_id: int
    league: str
    home: str
    away: str
    starts_at: datetime
    market: Market
    side: Side
    line_q: int
    odds: Odds
    period: str = GAME
    player: str = ""
    stat: str = ""
    score: tuple[int, int] | None = None

    @classmethod
    def of(cls, game: Game, market: Market, side: Side, line_q: int, odds: Odds) -> Selection:
        return cls(game.game_id, game.league, game.home, game.away, game.starts_at, market, side, line_q, odds)

    @property
    def priced(self) -> bool:
        return self.odds.num > self.odds.den

    def at(self, odds: Odds) -> Selection:
        """The same side at another price."""
        return replace(self, odds=odds)

    def same_bet(self, other: Selection) -> bool:
        """Whether both are the same side at the same line, whatever the price."""
        return replace(other, odds=self.odds, starts_at=self.starts_at, score=self.score) == self

    def leg(self) -> Leg:
        """As the engine knows it."""
        return Leg(
            self.market,
            self.side,
            self.odds if self.priced else None,
            self.line_q,
            league=catalogue_id(self.league) if self.game_id else "",
            period=self.period,
            game_id=self.game_id,
            player=self.player,
            stat=self.stat,
            score_at_bet=self.score if self._counts_from_score() else None,
        )

    def _counts_from_score(self) -> bool:
        """A live handicap on soccer counts from the score at which it was taken."""
        league = catalogue().leagues.get(catalogue_id(self.league))
        return self.market is Market.SPREAD and league is not None and league.sport.regulation_only

    def straight(self, stake: Stake) -> Straight:
        """As the engine settles it by itself."""
        return Straight(self.leg(), stake)

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
            "odds": odds_to_json(self.odds),
            "period": self.period,
            "player": self.player,
            "stat": self.stat,
            "score": self.score,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Selection:
        score = stored.get("score")
        return cls(
            game_id=int(stored["game_id"]),
            league=stored["league"],
            home=stored["home"],
            away=stored["away"],
            starts_at=datetime.fromisoformat(stored["starts_at"]),
            market=Market(stored["market"]),
            side=Side(stored["side"]),
            line_q=stored["line_q"],
            odds=odds_from_json(stored["odds"]),
            period=stored.get("period", GAME),
            player=stored.get("player", ""),
            stat=stored.get("stat", ""),
            score=(score[0], score[1]) if score else None,
        )


def odds_to_json(odds: Odds) -> dict[str, Any]:
    return {"num": odds.num, "den": odds.den, "typed": odds.typed, "format": odds.format.value}


def odds_from_json(stored: Mapping[str, Any]) -> Odds:
    return Odds(stored["num"], stored["den"], stored["typed"], OddsFormat(stored["format"]))

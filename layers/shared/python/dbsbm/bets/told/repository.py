"""Which games have bets on players. Not guild-scoped: a box score serves the bets of every guild."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from dbsbm.database.session import Session
from dbsbm.games.repository import chunks


@dataclass(frozen=True, slots=True)
class Wanted:
    """A source's event that bets on players are on; ``open_bets`` while one of them is not graded.

    ``reported_at`` is the source's last box score of it.
    """

    game_id: int
    provider_game_id: str
    league: str
    starts_at: datetime
    open_bets: bool
    reported_at: datetime | None


@dataclass(frozen=True, slots=True)
class Ahead:
    """A provider's game that is about to begin, and when the prices of its players were asked for last.

    ``wanted``: bets on players stand on it.
    """

    game_id: int
    provider_game_id: str
    league: str
    starts_at: datetime
    fetched_at: datetime | None
    wanted: bool


@dataclass(frozen=True, slots=True)
class PropLeg:
    """A player's statistic that somebody bet on."""

    game_id: int
    league: str
    player: str
    stat: str


class PropRepository:
    """Games over with bets on players, and these players."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def wanted(self, provider: str, first: datetime, last: datetime) -> list[Wanted]:
        """Of the games that started in a time: what they are at a source, and its last box score."""
        return [
            Wanted(**{**row, "open_bets": bool(row["open_bets"])})
            for row in self._session.all(_WANTED, (provider, provider, first, last))
        ]

    def ahead(self, provider: str, first: datetime, last: datetime) -> list[Ahead]:
        """The provider's games that start in a time: those with bets on players first, then the next starts."""
        return [
            Ahead(**{**row, "wanted": bool(row["wanted"])})
            for row in self._session.all(_AHEAD, (provider, first, last))
        ]

    def open_legs(self, game_ids: Collection[int]) -> list[PropLeg]:
        """Whose statistics open bets on these games are on."""
        return [PropLeg(**row) for chunk in chunks(game_ids) for row in self._session.all(_OPEN_LEGS, (chunk,))]


# games_upcoming, one range; bet_legs_by_market, source_events_by_game and PRIMARY for each.
_WANTED = """
SELECT g.game_id, e.provider_game_id, g.league, g.starts_at, x.reported_at,
    EXISTS (SELECT 1 FROM bet_legs l JOIN bets b ON b.guild_id = l.guild_id AND b.bet_id = l.bet_id
            WHERE l.game_id = g.game_id AND l.market IN ('player_prop', 'future') AND b.state = 'open')
        AS open_bets
FROM games g
JOIN source_events e ON e.game_id = g.game_id AND e.provider = %s AND e.state = 'final'
LEFT JOIN box_scores x ON x.game_id = g.game_id AND x.provider = %s
WHERE g.state = 'final' AND g.starts_at BETWEEN %s AND %s
    AND EXISTS (SELECT 1 FROM bet_legs l WHERE l.game_id = g.game_id AND l.market IN ('player_prop', 'future'))
ORDER BY g.starts_at, g.game_id, e.provider_game_id"""
# games_upcoming, one range; game_sources_by_game, PRIMARY and bet_legs_by_market for each.
_AHEAD = """
SELECT g.game_id, s.provider_game_id, g.league, g.starts_at, f.fetched_at,
    EXISTS (SELECT 1 FROM bet_legs l WHERE l.game_id = g.game_id AND l.market = 'player_prop') AS wanted
FROM games g
JOIN game_sources s ON s.game_id = g.game_id AND s.provider = %s
LEFT JOIN prop_fetches f ON f.game_id = g.game_id
WHERE g.state = 'scheduled' AND g.starts_at > %s AND g.starts_at <= %s
ORDER BY wanted DESC, g.starts_at, g.game_id, s.provider_game_id"""
# bet_legs_by_market, a range per game, then the PRIMARY of bets.
_OPEN_LEGS = """
SELECT DISTINCT l.game_id, l.league, l.player, l.stat FROM bet_legs l FORCE INDEX (bet_legs_by_market)
STRAIGHT_JOIN bets b ON b.guild_id = l.guild_id AND b.bet_id = l.bet_id AND b.revision = l.revision
WHERE l.game_id IN %s AND l.market = 'player_prop' AND b.state = 'open' ORDER BY l.game_id, l.player, l.stat"""
